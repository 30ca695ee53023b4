public import Pipeline

/// Every kind of stage, in the order in which they are listed.
///
/// Adding a stage is three steps: its type, a line here, its four tests.
public let stageCatalogue = StageCatalogue(
  [
    StageKind(SupervisedStage.self), StageKind(RewardModelStage.self),
    StageKind(DirectPreferenceStage.self), StageKind(JudgementStage.self),
    StageKind(PolicyGradientStage.self), StageKind(ReferenceStage.self),
    StageKind(SampleStage.self), StageKind(ScoreStage.self), StageKind(PairStage.self),
    StageKind(CompareStage.self),
    StageKind(FilterStage.self), StageKind(MixStage.self), StageKind(MergeStage.self),
    StageKind(MergeSearchStage.self), StageKind(EvaluateStage.self),
  ],
  composites: [
    CompositeKind(OnlinePreferenceStage.self), CompositeKind(RejectionSamplingStage.self),
  ])
