public import Objectives
public import Pipeline
import Suggestions

/// What `dpo` adds to the settings of training, under TRL's names.
public struct DirectPreferenceOptions: StageSettings, AdjustsDefaults {
  public var format: String?
  /// The loss of a pair, or several.
  public var lossType: PreferenceLossList = "sigmoid"
  /// What each of them counts for; all 1 where it is not said.
  public var lossWeights: [Double]?
  /// How strongly the policy is held to the reference.
  public var beta = 0.1
  /// The share of pairs that are taken to be labelled the wrong way (cDPO).
  public var labelSmoothing = 0.0
  /// Whether `ipo` compares means over tokens instead of sums.
  public var lengthNormalize = true
  /// What the mean −log p of the chosen answers counts for beside the preference loss (RPO).
  public var rpoAlpha = 0.0
  public var fDivergenceType = PolicyDivergence.reverse
  public var fAlphaDivergenceCoef = 0.5
  /// What tokens behind the shorter answer's length count for (LD-DPO).
  public var ldAlpha: Double?
  /// Weights pairs by how likely the policy is to have written them (WPO).
  public var useWeighting = false
  /// Compares answers by the policy alone, as if every answer were as likely under the reference.
  public var referenceFree = false
  public var discopopTau = 0.05
  public var simpoGamma = 0.5
  public var cpoAlpha = 1.0
  /// α of `alphapo`.
  public var alpha = 0.25
  /// Lets the reference follow the policy (TR-DPO).
  public var syncRefModel = false
  /// The policy's share in the mixture that the reference becomes.
  public var refModelMixupAlpha = 0.6
  /// Steps from one mixture to the next.
  public var refModelSyncSteps = 512

  public init() {}

  public static func adjust(_ base: inout TrainingSettings) { base.learningRate = 1e-6 }

  /// The losses with their weights.
  /// - Throws: `SettingProblem` for a name that no loss has.
  func terms() throws -> [PreferenceObjective.Term] {
    let values = PreferenceLossSettings(
      labelSmoothing: labelSmoothing, isLengthNormalized: lengthNormalize,
      discopopTemperature: discopopTau, simpoMargin: simpoGamma, cpoLikelihood: cpoAlpha,
      alphaExponent: alpha)
    return try lossType.names.enumerated().map { index, name in
      guard let loss = PreferenceLosses.named(name, values) else {
        let known = PreferenceLosses.all.map { $0.name }
        let advice =
          JudgementObjective.Loss(rawValue: name) == nil
          ? "there are \(known.joined(separator: ", "))\(didYouMean(name, among: known))"
          : "it learns from answers judged one by one: that is the kind `kto`"
        throw SettingProblem("loss_type", "there is no loss of pairs `\(name)`; \(advice)")
      }
      let weights = lossWeights ?? []
      return PreferenceObjective.Term(loss, weight: index < weights.count ? weights[index] : 1)
    }
  }

  /// - Throws: `SettingProblem` as `terms` does.
  func objective() throws -> PreferenceObjective {
    var objective = PreferenceObjective(
      terms: try terms(), beta: beta, likelihoodWeight: rpoAlpha)
    objective.divergence = fDivergenceType
    objective.divergenceAlpha = fAlphaDivergenceCoef
    objective.excessWeight = ldAlpha
    objective.isWeighted = useWeighting
    return objective
  }

  /// Whether there is a reference at all.
  var usesReference: Bool {
    !referenceFree && ((try? objective())?.usesReference ?? true)
  }
}

extension DirectPreferenceOptions {
  /// What is wrong with values that are of the right type.
  func problems() -> [SettingProblem] {
    var problems: [SettingProblem] = []
    func check(_ isRight: Bool, _ key: String, _ found: Double, _ right: String) {
      if !isRight {
        problems.append(SettingProblem(key, "\(key) is \(found), where \(right) would be right"))
      }
    }
    check(beta > 0, "beta", beta, "a number above 0")
    check(
      (0..<0.5).contains(labelSmoothing), "label_smoothing", labelSmoothing, "0 to below 0.5")
    check(rpoAlpha >= 0, "rpo_alpha", rpoAlpha, "0 or more")
    check((0...1).contains(ldAlpha ?? 0), "ld_alpha", ldAlpha ?? 0, "0 to 1")
    check(discopopTau > 0, "discopop_tau", discopopTau, "a number above 0")
    check(simpoGamma >= 0, "simpo_gamma", simpoGamma, "0 or more")
    check(cpoAlpha >= 0, "cpo_alpha", cpoAlpha, "0 or more")
    check(
      (0...1).contains(refModelMixupAlpha), "ref_model_mixup_alpha", refModelMixupAlpha, "0 to 1")
    check(
      refModelSyncSteps > 0, "ref_model_sync_steps", Double(refModelSyncSteps), "1 or more")
    return problems + lossProblems()
  }

  private func lossProblems() -> [SettingProblem] {
    var problems: [SettingProblem] = []
    let names = lossType.names
    if names.isEmpty { problems.append(SettingProblem("loss_type", "the list is empty")) }
    if Set(names).count < names.count {
      problems.append(SettingProblem("loss_type", "a loss is listed twice: weigh it instead"))
    }
    if let weights = lossWeights, weights.count != names.count {
      problems.append(
        SettingProblem(
          "loss_weights", "\(weights.count) weights for \(names.count) losses of loss_type"))
    }
    if names.contains("exo_pair"), labelSmoothing == 0 {
      problems.append(
        SettingProblem(
          "label_smoothing", "exo_pair is infinite at label_smoothing 0: 0.001 would be right"))
    }
    if syncRefModel, !usesReference {
      problems.append(
        SettingProblem("sync_ref_model", "there is no reference that could follow the policy"))
    }
    do { _ = try terms() } catch let problem as SettingProblem {
      problems.append(problem)
    } catch {
      problems.append(SettingProblem("loss_type", "\(error)"))
    }
    return problems
  }
}
