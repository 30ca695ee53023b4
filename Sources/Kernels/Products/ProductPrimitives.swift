import COneDNN
import Glibc
import Synchronization

/// oneDNN's compiled matrix products, one per shape, each run on the thread that asks.
final class ProductPrimitives: Sendable {
  /// Everything that code is generated for.
  struct Shape: Hashable, Sendable {
    let rows: Int
    let columns: Int
    let depth: Int
    let leftStride: Int
    let leftTransposed: Bool
    let rightStride: Int
    let rightTransposed: Bool
    let resultStride: Int
    let scale: Float
    let accumulating: Bool
  }

  /// The addresses of a primitive and of its description.
  ///
  /// Plain numbers, so that threads may share them; running a primitive does not change it.
  private struct Primitive: Sendable {
    let description: UInt
    let address: UInt
    let scratchCount: Int
  }

  /// Whether oneDNN multiplies in bfloat16 here; it wants AVX-512.
  static let areSupported: Bool = {
    let primitives = ProductPrimitives()
    let shape = Shape(
      rows: 16, columns: 16, depth: 16, leftStride: 16, leftTransposed: false, rightStride: 16,
      rightTransposed: true, resultStride: 16, scale: 1, accumulating: false)
    guard let primitive = primitives.tried(shape) else { return false }
    primitives.known.withLock { $0[shape] = primitive }
    return true
  }()

  private let known = Mutex<[Shape: Primitive]>([:])
  private let engine: UInt
  private let setThreads: (@convention(c) @Sendable (Int32) -> Void)?

  init() {
    var engine: dnnl_engine_t?
    let status = dnnl_engine_create(&engine, dnnl_cpu, 0)
    precondition(status == dnnl_success, "oneDNN has no engine for this CPU")
    self.engine = UInt(bitPattern: engine)
    // oneDNN's threads are OpenMP's, whose number is a setting of the calling thread. Ours call it.
    setThreads = dlsym(nil, "omp_set_num_threads").map { symbol in
      unsafeBitCast(symbol, to: (@convention(c) @Sendable (Int32) -> Void).self)
    }
  }

  deinit {
    known.withLock { known in
      for primitive in known.values {
        dnnl_primitive_destroy(OpaquePointer(bitPattern: primitive.address))
        dnnl_primitive_desc_destroy(OpaquePointer(bitPattern: primitive.description))
      }
    }
    dnnl_engine_destroy(OpaquePointer(bitPattern: engine))
  }

  /// result = scale · left · right, on this thread alone.
  func multiply(
    _ shape: Shape, left: UnsafePointer<UInt16>, right: UnsafePointer<UInt16>,
    result: UnsafeMutablePointer<Float>, scratch: ScratchPool
  ) {
    setThreads?(1)
    let primitive = known.withLock { known in
      if let primitive = known[shape] { return primitive }
      let primitive = make(shape)
      known[shape] = primitive
      return primitive
    }
    let handle = OpaquePointer(bitPattern: engine)
    let description = OpaquePointer(bitPattern: primitive.description)
    func memory(_ kind: dnnl_query_t, _ address: UnsafeMutableRawPointer) -> dnnl_memory_t? {
      var memory: dnnl_memory_t?
      let status = dnnl_memory_create(
        &memory, dnnl_primitive_desc_query_md(description, kind, 0), handle, address)
      precondition(status == dnnl_success, "oneDNN cannot describe memory")
      return memory
    }
    scratch.borrow(primitive.scratchCount) { room in
      let arguments = [
        dnnl_exec_arg_t(
          arg: 1, memory: memory(dnnl_query_src_md, UnsafeMutableRawPointer(mutating: left))),
        dnnl_exec_arg_t(
          arg: 33, memory: memory(dnnl_query_weights_md, UnsafeMutableRawPointer(mutating: right))),
        dnnl_exec_arg_t(arg: 17, memory: memory(dnnl_query_dst_md, result)),
        dnnl_exec_arg_t(arg: 80, memory: memory(dnnl_query_scratchpad_md, room)),
      ]
      var stream: dnnl_stream_t?
      dnnl_stream_create(&stream, handle, dnnl_stream_default_flags.rawValue)
      let status = dnnl_primitive_execute(
        OpaquePointer(bitPattern: primitive.address), stream, Int32(arguments.count), arguments)
      precondition(status == dnnl_success, "oneDNN could not multiply \(shape)")
      dnnl_stream_wait(stream)
      dnnl_stream_destroy(stream)
      for argument in arguments { dnnl_memory_destroy(argument.memory) }
    }
  }

  private func make(_ shape: Shape) -> Primitive {
    guard let primitive = tried(shape) else {
      preconditionFailure("oneDNN has no code for the product \(shape)")
    }
    return primitive
  }

  /// Nil where oneDNN has no code for it.
  private func tried(_ shape: Shape) -> Primitive? {
    let (m, n, k) = (Int64(shape.rows), Int64(shape.columns), Int64(shape.depth))
    let (a, b) = (Int64(shape.leftStride), Int64(shape.rightStride))
    var left = ProductPrimitives.layout(
      [m, k], dnnl_bf16, shape.leftTransposed ? [1, a] : [a, 1])
    var right = ProductPrimitives.layout(
      [k, n], dnnl_bf16, shape.rightTransposed ? [1, b] : [b, 1])
    var result = ProductPrimitives.layout([m, n], dnnl_f32, [Int64(shape.resultStride), 1])
    var operation = dnnl_matmul_desc_t()
    var status = dnnl_matmul_desc_init(&operation, &left, &right, nil, &result)
    guard status == dnnl_success else { return nil }

    var attributes: dnnl_primitive_attr_t?
    dnnl_primitive_attr_create(&attributes)
    dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user)
    if shape.scale != 1 {
      var scale = shape.scale
      dnnl_primitive_attr_set_output_scales(attributes, 1, 0, &scale)
    }
    if shape.accumulating {
      var after: dnnl_post_ops_t?
      dnnl_post_ops_create(&after)
      dnnl_post_ops_append_sum(after, 1)
      dnnl_primitive_attr_set_post_ops(attributes, after)
      dnnl_post_ops_destroy(after)
    }
    var description: dnnl_primitive_desc_t?
    status = dnnl_primitive_desc_create(
      &description, &operation, attributes, OpaquePointer(bitPattern: engine), nil)
    dnnl_primitive_attr_destroy(attributes)
    guard status == dnnl_success else { return nil }
    var primitive: dnnl_primitive_t?
    status = dnnl_primitive_create(&primitive, description)
    precondition(status == dnnl_success, "oneDNN could not compile the product \(shape)")
    let room = dnnl_memory_desc_get_size(
      dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0))
    return Primitive(
      description: UInt(bitPattern: description), address: UInt(bitPattern: primitive),
      scratchCount: Int(room) / 4 + 1)
  }

  private static func layout(
    _ sizes: [Int64], _ type: dnnl_data_type_t, _ strides: [Int64]
  ) -> dnnl_memory_desc_t {
    var layout = dnnl_memory_desc_t()
    let status = dnnl_memory_desc_init_by_strides(
      &layout, Int32(sizes.count), sizes, type, strides)
    precondition(status == dnnl_success, "oneDNN cannot lay out \(sizes) by \(strides)")
    return layout
  }
}
