extension Compute {
  /// Whether products in bfloat16 are those of block floating point: where the processor has no instructions for bfloat16.
  var multipliesBlocks: Bool { precision == .bfloat16 && !Compute.multipliesBrainFloats }

  /// A product in block floating point, sums across blocks and the result in float32.
  func runBlocks(_ product: Product) {
    for slab in product.slabs { runTogether(slab, as: BlockGroup.self) }
  }
}
