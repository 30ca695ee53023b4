import Glibc

/// How much of each end a point on the great circle between two vectors has (Shoemake, 1985).
///
/// (sin((1−t)ω)θ₀ + sin(tω)θ₁)/sin ω with ω the angle between them; on vectors as they are, so that lengths go along too. Where
/// they are all but parallel the straight line is as good, and does not divide by zero.
struct GreatCircle {
  var near: Double
  var far: Double

  init(at share: Double, cosine: Double, isStraight: (Double) -> Bool) {
    (near, far) = (1 - share, share)
    guard !isStraight(cosine), share != 0, share != 1 else { return }
    let angle = acos(cosine)
    (near, far) = (sin((1 - share) * angle) / sin(angle), sin(share * angle) / sin(angle))
  }
}
