import Text
import Transformers

/// A text of any length as sequences in which each of its tokens is a target once, as lm-eval's rolling log-likelihood cuts it.
///
/// The first window stands behind `mark`, the token that begins a text or else ends one; each other behind the token before it, the last
/// behind as many as there is room for. `longest` is what a window may have with what stands before: lm-eval's `max_length` + 1.
func rollingWindows(
  _ tokens: ArraySlice<TokenID>, behind mark: TokenID, longest: Int
) -> [TargetSequence] {
  precondition(longest > 1, "a window of \(longest) tokens has no room for a target")
  let tokens = Array(tokens)
  let room = longest - 1
  return stride(from: 0, to: tokens.count, by: room).map { start in
    let end = min(start + room, tokens.count)
    let context = start == 0 ? [mark] : Array(tokens[(end - room - 1)..<start])
    return TargetSequence(prompt: context, completion: Array(tokens[start..<end]))
  }
}
