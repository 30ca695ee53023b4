public import Kernels

/// A sequence, and the positions (from 1) of the tokens whose log-probability is wanted.
public struct TargetSequence: Sendable, Equatable {
  public var tokens: [Int32]
  public var targets: [Int]

  public init(tokens: [Int32], targets: [Int]) {
    self.tokens = tokens
    self.targets = targets
  }

  /// What has to be read for the targets: nothing that follows tells anything of them.
  var read: [Int32] { Array(tokens.prefix(max(targets.max() ?? 1, 1))) }

  /// The first position whose hidden state tells of a target.
  public var readFrom: Int { max(targets.min() ?? 1, 1) - 1 }

  /// A completion behind its prompt: every token of it is a target, but for the first of all where
  /// there is no prompt, since nothing predicts it.
  public init(prompt: [Int32], completion: [Int32]) {
    tokens = prompt + completion
    targets = Array(max(prompt.count, min(1, completion.count))..<tokens.count)
  }
}

/// The policy's view of some sequences: what each target's log-probability is, and the way back.
public struct LogProbabilityPass {
  /// Per sequence, the natural logarithm of the probability of each target.
  public let values: [[Float]]
  /// Per sequence, the entropy of each target's distribution in nats; empty unless asked for.
  public let entropies: [[Float]]
  /// Per sequence, at each target log Σ π² over the vocabulary; empty unless asked for.
  public let concentrations: [[Float]]
  /// How many targets were the most likely token.
  public let correctCount: Int

  let pass: Transformer.Pass
  let rows: [Int]
  let selected: Matrix
  let targets: [Int32]
  let temperature: Float
  let logSumExp: [Float]
  /// The selected hidden states' gradient, where it was taken with the logits at hand; of the
  /// log-probabilities themselves unless the slopes were known.
  let gradient: HeadGradient?
}

/// What a loss that is linear in the log-probabilities knows before they are computed.
public struct KnownSlopes {
  /// dL/dlogp of each target of each sequence.
  public var slopes: [[Float]]
  /// Where the head's gradient is added, laid out as what is trained.
  public var gradients: FloatBuffer

  public init(_ slopes: [[Float]], gradients: FloatBuffer) {
    self.slopes = slopes
    self.gradients = gradients
  }
}

extension Transformer {
  /// The log-probability of every target under this network, its logits divided by `temperature`.
  ///
  /// A sequence's numbers are the same bits in whatever company it comes. Without its adapter a
  /// low-rank policy is its own reference. Only after a retained pass may `backward` be called; with
  /// slopes that are known now, or a head that is not trained, it need not compute the logits again.
  public func logProbabilities(
    of sequences: [TargetSequence], temperature: Float = 1, usesAdapter: Bool = true,
    retained: Bool = false, entropies wantsEntropies: Bool = false,
    concentrations wantsConcentrations: Bool = false, known: KnownSlopes? = nil,
    recording: ActivationRecording? = nil
  ) -> LogProbabilityPass {
    guard let output else { preconditionFailure("a reward model has no log-probabilities") }
    let batch = RaggedBatch(sequences.map(\.read), readFrom: sequences.map(\.readFrom))
    let pass = forward(
      batch, usesAdapter: usesAdapter, retained: retained, recording: recording)
    var rows: [Int] = []
    var targets: [Int32] = []
    for (sequence, span) in zip(sequences, batch.sequences) {
      for position in sequence.targets {
        precondition(
          position > 0 && position < sequence.tokens.count,
          "no token before position \(position) of a sequence of \(sequence.tokens.count)")
        rows.append(batch.read.place(span.row(position - 1)))
        targets.append(sequence.tokens[position])
      }
    }
    let selected = arena.matrix(rows: rows.count, columns: shape.hiddenSize)
    compute.gatherRows(pass.hidden, rows: rows, into: selected)
    let gradient = retained ? headGradient(rows.count, known) : nil
    let result = compute.targetLogProbabilities(
      selected, weights: output, targets: targets, temperature: temperature,
      wantsEntropy: wantsEntropies, wantsConcentration: wantsConcentrations, gradient: gradient)
    return LogProbabilityPass(
      values: split(result.values, sequences), entropies: split(result.entropies, sequences),
      concentrations: split(result.concentrations, sequences),
      correctCount: result.argmaxIsTarget.count { $0 }, pass: pass, rows: rows, selected: selected,
      targets: targets, temperature: temperature, logSumExp: result.logSumExp, gradient: gradient)
  }

  /// Nil where the logits have to be computed again on the way back: a trained head whose rows' slopes
  /// are not known yet.
  private func headGradient(_ rows: Int, _ known: KnownSlopes?) -> HeadGradient? {
    let slot = trainable.slot(headName)
    guard known != nil || slot == nil else { return nil }
    return HeadGradient(
      slopes: known?.slopes.flatMap { $0 },
      hidden: arena.matrix(rows: rows, columns: shape.hiddenSize),
      weights: known.flatMap { known in slot.map { trainable.view(of: $0, in: known.gradients) } })
  }

  /// The output projection's weights.
  var headName: String {
    shape.tiesEmbeddings ? Transformer.embeddingName : "lm_head.weight"
  }

  /// The logits after each prompt's last token [prompts, vocabulary], good until the next pass.
  public func logits(after prompts: [[Int32]]) -> Matrix {
    guard let output else { preconditionFailure("a reward model has no logits") }
    let batch = RaggedBatch(prompts, readFrom: prompts.map { $0.count - 1 })
    let pass = forward(batch, usesAdapter: true, retained: false)
    let last = arena.matrix(rows: prompts.count, columns: shape.hiddenSize)
    compute.gatherRows(
      pass.hidden, rows: batch.sequences.map { batch.read.place($0.row($0.length - 1)) },
      into: last)
    let logits = arena.matrix(rows: prompts.count, columns: shape.vocabularySize)
    compute.multiply(last, transposed: output, into: logits)
    return logits
  }

  /// Adds the gradient of a loss to `gradients`, given its slope in each log-probability.
  public func backward(
    _ result: LogProbabilityPass, slopes: [[Float]], into gradients: FloatBuffer
  ) {
    guard let output else { preconditionFailure("a reward model has no log-probabilities") }
    let slopes = slopes.flatMap { $0 }
    precondition(
      slopes.count == result.targets.count,
      "\(slopes.count) slopes for \(result.targets.count) targets")
    let selectedGradient: Matrix
    if let gradient = result.gradient {
      if gradient.slopes == nil { compute.scaleRows(gradient.hidden, by: slopes) }
      selectedGradient = gradient.hidden
    } else {
      selectedGradient = arena.matrix(rows: result.rows.count, columns: shape.hiddenSize)
      compute.targetLogProbabilitiesBackward(
        result.selected, weights: output, targets: result.targets,
        temperature: result.temperature, logSumExp: result.logSumExp, slopes: slopes,
        hiddenGradient: selectedGradient,
        weightGradient: trainable.slot(headName).map { trainable.view(of: $0, in: gradients) })
    }
    let hiddenGradient = arena.matrix(rows: result.pass.hidden.rows, columns: shape.hiddenSize)
    compute.zero(hiddenGradient)
    compute.scatterRows(adding: selectedGradient, rows: result.rows, into: hiddenGradient)
    backward(result.pass, hiddenGradient: hiddenGradient, into: gradients)
  }

  private func split(_ values: [Float], _ sequences: [TargetSequence]) -> [[Float]] {
    guard !values.isEmpty else { return [] }
    var start = 0
    return sequences.map { sequence in
      defer { start += sequence.targets.count }
      return Array(values[start..<start + sequence.targets.count])
    }
  }
}
