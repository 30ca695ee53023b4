import Randomness
import Testing

/// The known answers published with Random123 (kat_vectors, philox4x32 10).
@Test(
  arguments: [
    (
      (0, 0, 0, 0), (0, 0), (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      (0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff), (0xffff_ffff, 0xffff_ffff),
      (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), (0xa409_3822, 0x299f_31d0),
      (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ] as [((UInt32, UInt32, UInt32, UInt32), (UInt32, UInt32), (UInt32, UInt32, UInt32, UInt32))])
func philoxGivesThePublishedWords(
  counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32),
  words: (UInt32, UInt32, UInt32, UInt32)
) {
  #expect(Philox(key: key).words(counter) == words)
}

@Test func coordinatesAloneDecideANumber() {
  let random = CoordinateRandom(seed: 7, stream: "a")
  #expect(random.bits(3, 5) == CoordinateRandom(seed: 7, stream: "a").bits(3, 5))
  #expect(random.bits(3, 5) != random.bits(5, 3))
  #expect(random.bits(3, 5) != CoordinateRandom(seed: 7, stream: "b").bits(3, 5))
  #expect(random.bits(3, 5) != CoordinateRandom(seed: 8, stream: "a").bits(3, 5))
}

@Test func uniformNumbersFillTheUnitInterval() {
  let random = CoordinateRandom(seed: 1, stream: "uniform")
  let numbers = (0..<10_000).map { random.uniform(UInt64($0)) }
  #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
  #expect(abs(numbers.reduce(0, +) / 10_000 - 0.5) < 0.015)
}

@Test func normalNumbersHaveMeanZeroAndVarianceOne() {
  let random = CoordinateRandom(seed: 1, stream: "normal")
  let numbers = (0..<20_000).map { random.normal(UInt64($0)) }
  let mean = numbers.reduce(0, +) / 20_000
  #expect(abs(mean) < 0.03)
  #expect(abs(numbers.map { $0 * $0 }.reduce(0, +) / 20_000 - 1) < 0.04)
}

@Test func aPermutationHoldsEveryIndexOnce() {
  let random = CoordinateRandom(seed: 3, stream: "order")
  #expect(random.permutation(count: 257).sorted() == Array(0..<257))
  #expect(random.permutation(count: 257) != random.permutation(count: 257, epoch: 1))
  #expect(random.permutation(count: 0).isEmpty)
}

/// Vector v holds positions 8v … 8v + 7; position p draws word (p / 8) mod 4 at counter (8 ⌊p / 32⌋ + p mod 8, b).
@Test func wordsOfManyPositionsAreThoseOfEach() {
  let random = CoordinateRandom(seed: 5, stream: "words")
  var words = [SIMD8<UInt64>](repeating: SIMD8(), count: 9)
  random.fill(&words, first: 3, b: 1 << 33 | 7)
  for position in 24..<96 {
    let first = random.bits(UInt64(8 * (position / 32) + position % 8), 1 << 33 | 7)
    let expected = [first & 0xFFFF_FFFF, first >> 32]
    let word = position / 8 % 4
    if word < 2 { #expect(words[position / 8 - 3][position % 8] == expected[word]) }
  }
  var later = [SIMD8<UInt64>](repeating: SIMD8(), count: 4)
  random.fill(&later, first: 8, b: 1 << 33 | 7)
  #expect(Array(words[5...]) == later)
}
