extension Compute {
  /// Whether products in bfloat16 are those of block floating point: where the processor has no instructions for bfloat16.
  var multipliesBlocks: Bool { precision == .bfloat16 && !Compute.multipliesBrainFloats }

  /// A product in block floating point, sums across blocks and the result in float32.
  func runBlocks(_ product: Product) {
    for slab in product.slabs {
      for columns in slab.groups(of: 0..<slab.columns, numbers: Product.sharedNumbers) {
        engine.scratch.borrow(BlockGroup.count(slab, columns)) { room in
          runTogether(BlockGroup(slab, columns, room: room))
        }
      }
    }
  }

  /// All threads pack the panels, and then share out the rows.
  private func runTogether(_ group: BlockGroup) {
    let slab = group.product
    spread(group.panelCount, work: 16 * group.panelCount * slab.depth) { group.pack($0) }
    let size = min(BlockLeft.rowLimit, ((slab.rows + threads - 1) / threads + 5) / 6 * 6)
    let rows = blocks(of: slab.rows, size: size)
    spread(rows.count, work: slab.work) { index in
      engine.scratch.borrow(group.roomCount) { room in group.multiply(rows[index], room) }
    }
  }
}
