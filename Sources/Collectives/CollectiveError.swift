/// What can go wrong between ranks.
///
/// A rank that dies is not among these: the launcher ends the others, whatever the error handler
/// says (measured: Open MPI 4.1.4 under mpirun, with `MPI_ERRORS_RETURN` and without).
public enum CollectiveError: Error, Equatable {
  /// MPI refused a call: the function's name, MPI's code and MPI's own words.
  case refused(call: String, code: Int, message: String)

  /// A process can join one world, once.
  case joinedBefore

  /// An operation after `leave()`.
  case left

  /// This MPI was built without the thread support that a process with threads of its own needs.
  case threadsUnsupported(provided: Int)

  /// An operation from a thread other than the one that joined.
  case anotherThread(operation: String)
}

extension CollectiveError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .refused(let call, let code, let message):
      "\(call) failed with MPI error \(code): \(message)"
    case .joinedBefore:
      "this process has joined an MPI world before; a process can join once"
    case .left:
      "this process has left its MPI world; no operation can follow leave()"
    case .threadsUnsupported(let provided):
      "this MPI offers thread level \(provided); MPI_THREAD_FUNNELED is needed"
    case .anotherThread(let operation):
      "\(operation) was called from another thread than the one that joined MPI"
    }
  }
}
