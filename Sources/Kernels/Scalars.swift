import Glibc

/// The natural logarithm, rounded once.
func logarithm(_ x: Float) -> Float { Float(log(Double(x))) }
