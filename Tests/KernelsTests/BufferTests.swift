import Glibc
import Kernels
import Testing

/// Memory, its views, and sixteen-bit floats.
struct BufferTests {
  @Test(arguments: [0, 1, 1000, 1 << 21])
  func aNewBufferIsZero(count: Int) {
    let buffer = FloatBuffer(count: count)
    #expect(buffer.count == count)
    #expect(Compute().blockSquareSums(buffer, 0..<count).allSatisfy { $0 == 0 })
  }

  @Test func viewsShareTheirBuffersMemory() {
    let matrix = Matrix(rows: 3, columns: 2, values: [1, 2, 3, 4, 5, 6])
    let last = matrix.rows(2..<3)
    last[0, 1] = 7
    #expect(matrix.array() == [1, 2, 3, 4, 5, 7])
    #expect(matrix.buffer.withSpan(1..<3) { span in span[1] } == 3)
    matrix.buffer.withMutableSpan(0..<2) { span in span[0] = 9 }
    #expect(matrix[0, 0] == 9)
  }

  private final class Owner {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 16)
    deinit { memory.deallocate() }
  }

  @Test func mappedNumbersAreReadInPlace() {
    let owner = Owner()
    for index in 0..<4 {
      owner.memory.storeBytes(of: Float(index), toByteOffset: index * 4, as: Float.self)
    }
    let buffer = FloatBuffer(mapping: owner, bytes: UnsafeRawBufferPointer(owner.memory))
    #expect(buffer.array() == [0, 1, 2, 3])
    #expect(!buffer.isWritable)
  }

  /// Between 1 and 1 + 2⁻⁷ the even one is 1, and 1 + 3·2⁻⁸ goes to 1 + 2⁻⁶.
  @Test func bfloat16RoundsToNearestEven() {
    #expect(HalfPrecision.brainFloat(1 + 1 / 256) == 0x3F80)
    #expect(HalfPrecision.brainFloat(1 + 3 / 256) == 0x3F82)
    #expect(HalfPrecision.brainFloat(1 + 1 / 256 + 1 / 65_536) == 0x3F81)
    #expect(HalfPrecision.brainFloat(-.infinity) == 0xFF80)
    #expect(HalfPrecision.brainFloat(.greatestFiniteMagnitude) == 0x7F80)
    let strange = Float(bitPattern: 0x7F80_0001)
    #expect(HalfPrecision.float(brainFloat: HalfPrecision.brainFloat(strange)).isNaN)
  }

  @Test func halvesGoThereAndBack() {
    let values: [Float] = [0, -1, 65_504, 1e9, 0.1]
    var halves = [UInt16](repeating: 0, count: 5)
    var back = [Float](repeating: 0, count: 5)
    var target = halves.mutableSpan
    HalfPrecision.encodeHalves(values.span, into: &target)
    var result = back.mutableSpan
    HalfPrecision.decodeHalves(halves.span, into: &result)
    #expect(back == [0, -1, 65_504, .infinity, Float(Float16(0.1))])
    var brains = halves.mutableSpan
    HalfPrecision.encodeBrainFloats(values.span, into: &brains)
    var again = back.mutableSpan
    HalfPrecision.decodeBrainFloats(halves.span, into: &again)
    #expect(back[1] == -1 && abs(back[4] - 0.1) < 4e-4)
  }

  /// Float32 is one class everywhere; an engine is named where it is used.
  @Test func theKernelClassNamesTheEnginesInUse() {
    #expect(Compute.kernelClass() == "float32 chains 2")
    #expect(Compute.kernelClass(bfloat16: true).contains(", bfloat16 "))
    #expect(Compute.kernelClass(singularValues: true).contains("OpenBLAS"))
  }
}
