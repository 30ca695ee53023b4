import Artifacts
import Glibc
import Testing

/// The launch files, as far as they can be tried without a cluster.
@Suite struct WorkflowsTests {
  static let names = ["chat-then-reasoning.sh", "local.sh", "mpirun.sh", "slurm.sbatch"]

  @Test func everyFileOfTheFolderIsTriedHere() throws {
    #expect(try Repository.names(in: "Workflows", endingIn: "") == WorkflowsTests.names)
  }

  @Test(arguments: names) func bashUnderstandsIt(name: String) throws {
    let path = Repository.path("Workflows/\(name)")
    #expect(try ended(["bash", "-n", path]) == 0)
  }

  /// `recipes/NAME.yaml`, in examples as in commands.
  @Test(arguments: names) func theRecipesThatItNamesAreThere(name: String) throws {
    let text = try Repository.text("Workflows/\(name)")
    let named = text.matches(of: /recipes\/[a-z0-9-]+\.yaml/).map { String($0.output) }
    #expect(!named.isEmpty)
    for recipe in named { #expect(Files.exists(Repository.path(recipe)), "\(recipe)") }
  }

  /// A launch file without its recipe says what is missing, and starts nothing.
  @Test(arguments: names) func itSaysWhatIsMissing(name: String) throws {
    let path = Repository.path("Workflows/\(name)")
    #expect(try ended(["bash", path]) != 0)
  }

  /// The exit status of a command whose output nobody reads.
  private func ended(_ words: [String]) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor: Int32 in 0...2 {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    let environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), nil]
    defer { for text in arguments + environment { free(text) } }
    var child: pid_t = 0
    try #require(posix_spawnp(&child, words[0], &actions, nil, arguments, environment) == 0)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    return status
  }
}
