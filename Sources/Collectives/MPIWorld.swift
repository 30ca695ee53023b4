internal import COpenMPI
internal import Glibc

/// The ranks that an MPI launcher started.
///
/// Join from the thread that will train, and leave at the end. A process that spawns children must
/// not join: it hung when it did, so the orchestrator launches and its children join.
public final class MPIWorld: Communicator {
  public let rank: Int
  public let size: Int

  let world: MPI_Comm

  /// Bytes of one message, at most.
  let messageLimit: Int
  private let thread: pthread_t
  private var hasLeft = false

  private init(rank: Int, size: Int, world: MPI_Comm, messageLimit: Int) {
    self.rank = rank
    self.size = size
    self.world = world
    self.messageLimit = messageLimit
    self.thread = pthread_self()
  }

  /// Joins the world of the launcher, or a world of one if there was no launcher.
  ///
  /// Longer messages than `messageLimit` bytes go in pieces, since MPI counts in 32 bits.
  public static func join(messageLimit: Int = 1 << 30) throws(CollectiveError) -> MPIWorld {
    precondition((1...1 << 30).contains(messageLimit), "cannot send \(messageLimit) bytes at once")
    var joined: Int32 = 0
    try check("MPI_Initialized", MPI_Initialized(&joined))
    guard joined == 0 else { throw .joinedBefore }
    let wanted = zhinao_mpi_thread_funneled()
    var provided: Int32 = 0
    try check("MPI_Init_thread", MPI_Init_thread(nil, nil, wanted, &provided))
    let world: MPI_Comm = zhinao_mpi_comm_world()
    // Without this, an error ends the process before anyone can say what happened.
    try check(
      "MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(world, zhinao_mpi_errors_return()))
    guard provided >= wanted else { throw .threadsUnsupported(provided: Int(provided)) }
    var rank: Int32 = 0
    var size: Int32 = 0
    try check("MPI_Comm_rank", MPI_Comm_rank(world, &rank))
    try check("MPI_Comm_size", MPI_Comm_size(world, &size))
    return MPIWorld(
      rank: Int(rank), size: Int(size), world: world, messageLimit: messageLimit)
  }

  /// Leaves the world; waits for the other ranks to leave.
  public func leave() throws(CollectiveError) {
    try enter("leave")
    hasLeft = true
    try Self.check("MPI_Finalize", MPI_Finalize())
  }

  /// Ends all ranks at once, with this exit code.
  ///
  /// For a rank that cannot reach the next collective operation. What was the cause belongs in a
  /// file, as some launchers lose the code.
  public func abort(code: Int32) {
    MPI_Abort(world, code)
  }

  public func barrier() throws(CollectiveError) {
    try enter("barrier")
    try Self.check("MPI_Barrier", MPI_Barrier(world))
  }

  public func maximum(_ value: Int) throws(CollectiveError) -> Int {
    try enter("maximum")
    var own = Int64(value)
    var largest: Int64 = 0
    try Self.check(
      "MPI_Allreduce",
      MPI_Allreduce(&own, &largest, 1, zhinao_mpi_int64(), zhinao_mpi_max(), world))
    return Int(largest)
  }

  /// Refuses an operation that MPI would answer with a crash.
  func enter(_ operation: String) throws(CollectiveError) {
    guard !hasLeft else { throw .left }
    guard pthread_equal(thread, pthread_self()) != 0 else {
      throw .anotherThread(operation: operation)
    }
  }

  static func check(_ call: String, _ code: Int32) throws(CollectiveError) {
    guard code != MPI_SUCCESS else { return }
    var text = [CChar](repeating: 0, count: Int(MPI_MAX_ERROR_STRING) + 1)
    var length: Int32 = 0
    MPI_Error_string(code, &text, &length)
    let message = String(
      decoding: text.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    throw .refused(call: call, code: Int(code), message: message)
  }
}
