import Glibc
import Kernels
import Testing

/// The fused projection and log-softmax against logits written out in double precision.
struct LogProbabilityTests {
  private let vocabulary = 1003
  private let width = 40

  private func compute(threads: Int = 2) -> Compute {
    var compute = Compute(threads: threads)
    // Room for one chunk of rows at a time, so that several are needed.
    compute.logitsByteLimit = 1
    return compute
  }

  @Test(arguments: [1, 0.7] as [Float])
  func valuesEntropiesAndSlopesAgreeWithDoubles(temperature: Float) {
    var numbers = Numbers(30)
    let rows = 70
    let hidden = numbers.matrix(rows, width, scale: 2)
    let weights = numbers.matrix(vocabulary, width)
    let targets = (0..<rows).map { Int32($0 * 37 % vocabulary) }
    let slopes = (0..<rows).map { $0 % 5 == 0 ? 0 : numbers.next() }
    let result = compute().targetLogProbabilities(
      hidden, weights: .float32(weights), targets: targets, temperature: temperature,
      wantsEntropy: true)
    let (hiddenGradient, weightGradient) = (
      numbers.matrix(rows, width), Matrix(rows: vocabulary, columns: width)
    )
    compute().targetLogProbabilitiesBackward(
      hidden, weights: .float32(weights), targets: targets, temperature: temperature,
      logSumExp: result.logSumExp, slopes: slopes, hiddenGradient: hiddenGradient,
      weightGradient: weightGradient)

    var logits = Reference(hidden).times(Reference(weights).transposed)
    var (values, entropies, sums, hits) = ([Double](), [Double](), [Double](), [Bool]())
    for row in 0..<rows {
      let line = (0..<vocabulary).map { logits[row, $0] / Double(temperature) }
      let peak = line.max() ?? 0
      let sum = peak + log(line.reduce(0) { $0 + exp($1 - peak) })
      sums.append(sum)
      values.append(line[Int(targets[row])] - sum)
      entropies.append(-line.reduce(0) { $0 + exp($1 - sum) * ($1 - sum) })
      hits.append(line.firstIndex(of: peak) == Int(targets[row]))
      for token in 0..<vocabulary {
        let hit = token == Int(targets[row]) ? 1.0 : 0.0
        logits[row, token] =
          Double(slopes[row]) * (hit - exp(line[token] - sum)) / Double(temperature)
      }
    }
    #expect(distance(result.values, values) < 1e-6)
    #expect(distance(result.entropies, entropies) < 2e-6)
    #expect(distance(result.logSumExp, sums) < 1e-6)
    #expect(result.argmaxIsTarget == hits)
    #expect(distance(hiddenGradient, logits.times(Reference(weights))) < 1e-5)
    #expect(distance(weightGradient, logits.transposed.times(Reference(hidden))) < 1e-5)
  }

  @Test(arguments: Precision.allCases)
  func aRowDoesNotDependOnTheOthersOrOnThreads(precision: Precision) {
    var numbers = Numbers(31)
    var compute = Compute(precision: precision, threads: 2)
    let rows = 69
    let (hidden, weights) = (numbers.matrix(rows, 96), numbers.matrix(vocabulary, 96))
    let targets = (0..<rows).map { Int32($0) }
    let all = compute.targetLogProbabilities(
      hidden, weights: .float32(weights), targets: targets, wantsEntropy: true)
    compute.threads = 1
    let start = 3
    let some = compute.targetLogProbabilities(
      hidden.rows(start..<start + 7), weights: .float32(weights),
      targets: Array(targets[start..<start + 7]), wantsEntropy: true)
    #expect(bits(some.values) == bits(Array(all.values[start..<start + 7])))
    #expect(bits(some.entropies) == bits(Array(all.entropies[start..<start + 7])))
    let gradients = [1, 2].map { threads in
      compute.threads = threads
      let dh = Matrix(rows: rows, columns: 96)
      let dw = Matrix(rows: vocabulary, columns: 96)
      compute.targetLogProbabilitiesBackward(
        hidden, weights: .float32(weights), targets: targets, logSumExp: all.logSumExp,
        slopes: targets.map(Float.init), hiddenGradient: dh, weightGradient: dw)
      return [bits(dh), bits(dw)]
    }
    #expect(gradients[0] == gradients[1])
  }

  /// Of two equal logits the first is the most likely token.
  @Test func tiesGoToTheFirst() {
    let hidden = Matrix(rows: 2, columns: 1, values: [1, 1])
    let weights = Matrix(rows: 3, columns: 1, values: [0, 2, 2])
    let result = Compute().targetLogProbabilities(
      hidden, weights: .float32(weights), targets: [1, 2])
    #expect(result.argmaxIsTarget == [true, false])
    #expect(result.entropies.isEmpty)
  }

  /// What sampling reads of a row of logits is what training computes, to the bit.
  @Test(arguments: [1, 0.7] as [Float])
  func aDistributionHasTheBitsOfTraining(temperature: Float) {
    var numbers = Numbers(33)
    let (hidden, weights) = (numbers.matrix(9, 30, scale: 3), numbers.matrix(vocabulary, 30))
    let targets = (0..<9).map { Int32($0 * 111) }
    let expected = Compute().targetLogProbabilities(
      hidden, weights: .float32(weights), targets: targets, temperature: temperature)
    let logits = Matrix(rows: 9, columns: vocabulary)
    Compute().multiply(hidden, transposed: weights, into: logits)
    let found = targets.enumerated().map { row, target in
      TokenDistribution(logits, row: row, temperature: temperature).logProbability(Int(target))
    }
    #expect(bits(found) == bits(expected.values))
  }

  /// The token at which the cumulated probability first exceeds the number drawn, of all or of the first.
  @Test(arguments: [1003, 700, 512, 3])
  func aDrawIsTheInverseOfTheCumulatedProbabilities(limit: Int) {
    var numbers = Numbers(34)
    let row = numbers.matrix(1, vocabulary, scale: 4)
    let powers = row.array().prefix(limit).map { exp(Double($0)) }
    let total = powers.reduce(0, +)
    let distribution = TokenDistribution(row, row: 0, temperature: 1)
    for step in 0..<200 {
      let uniform = (Double(step) + 0.37) / 200
      var (sum, expected) = (0.0, 0)
      for (token, power) in powers.enumerated() {
        sum += power / total
        expected = token
        if sum > uniform { break }
      }
      #expect(distribution.draw(uniform, below: limit) == expected)
    }
    let peak = powers.max() ?? 0
    #expect(distribution.mostLikely(below: limit) == powers.firstIndex(of: peak))
  }
}
