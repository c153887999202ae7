import DynamoDBModel
import Glibc
import Synchronization
import TestSupport
import Testing

/// Runs an executable that was built beside these tests, as a process of its own: `dualtable`, or one with its mapping in it.
struct Tool {
  /// How a run ended and what it said.
  struct Result {
    /// The exit status; nil where a signal ended it.
    let status: Int?
    let output: String
    let errors: String

    /// The one object that `--json` prints.
    func json() throws -> JSONValue { try JSONValue(parsing: Array(output.utf8).span) }
  }

  let engine: Engine
  let folder: TemporaryDirectory
  var name = "dualtable"

  private static let started = Atomic(0)
  private var path: String { BuildProducts.folder + "/" + name }

  /// The repository's mapping file of that name.
  static func mapping(_ name: String) -> String {
    #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined() + "/Mappings/\(name)"
  }

  /// What a file holds.
  static func text(of path: String) throws -> String {
    let file = unsafe try #require(unsafe fopen(path, "r"), "\(path) can't be read")
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = unsafe fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk.prefix(count) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Runs to the end, or until `isTimeToKill`: then SIGKILL.
  func run(_ arguments: [String], isTimeToKill: () async throws -> Bool = { false }) async throws -> Result {
    let running = try start(arguments)
    while running.isRunning, try await !isTimeToKill() { try await ContinuousClock().sleep(for: .milliseconds(5)) }
    if running.isRunning { running.send(SIGKILL) }
    return try await running.end()
  }

  /// Starts it, and leaves it to itself.
  ///
  /// - Parameter program: what to start in its place, which finds it by PATH.
  func start(_ arguments: [String], program: String? = nil, environment more: [String] = []) throws -> RunningTool {
    let path = program ?? path
    let number = Self.started.add(1, ordering: .relaxed).newValue
    let (out, errors) = ("stdout-\(number)", "stderr-\(number)")
    var actions = posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, "\(folder.path)/\(out)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "\(folder.path)/\(errors)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let environment =
      [
        "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=eu-central-1",
        "AWS_ENDPOINT_URL=\(try #require(engine.url))",
        "HOME=\(folder.path)", "PATH=\(BuildProducts.folder):/usr/bin:/bin",
      ] + more
    var pid = pid_t()
    let failure = unsafe withStrings([path] + arguments) { argv in
      unsafe withStrings(environment) { environment in unsafe posix_spawn(&pid, path, &actions, nil, argv, environment) }
    }
    try #require(failure == 0, "\(path) does not start: errno \(failure)")
    return RunningTool(pid: pid, folder: folder, out: out, errors: errors)
  }
}

/// A run that is under way; killed where nobody waits for its end.
final class RunningTool {
  private let pid: pid_t
  private let folder: TemporaryDirectory
  private let out: String
  private let errors: String
  /// As `waitpid` gives it.
  private var status: Int32?

  init(pid: pid_t, folder: TemporaryDirectory, out: String, errors: String) {
    (self.pid, self.folder, self.out, self.errors) = (pid, folder, out, errors)
  }

  deinit {
    guard isRunning else { return }
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }

  var isRunning: Bool {
    if status != nil { return false }
    var ended: Int32 = 0
    guard unsafe waitpid(pid, &ended, WNOHANG) == pid else { return true }
    status = ended
    return false
  }

  func send(_ signal: Int32) { if isRunning { kill(pid, signal) } }

  /// Waits for its end.
  func end() async throws -> Tool.Result {
    while isRunning { try await ContinuousClock().sleep(for: .milliseconds(5)) }
    let status = status ?? 0
    return Tool.Result(
      status: status & 0x7F == 0 ? Int(status >> 8) & 0xFF : nil, output: try folder.text(out), errors: try folder.text(errors))
  }

  /// Waits until `condition` holds; fails the test where the run ends first, or after half a minute.
  func wait(_ what: Comment, until condition: () async throws -> Bool) async throws {
    let start = ContinuousClock.now
    while try await !condition() {
      try #require(isRunning, "it ended before \(what): \(said)")
      try #require(ContinuousClock.now - start < .seconds(30), what)
      try await ContinuousClock().sleep(for: .milliseconds(10))
    }
  }

  /// What it has said on standard error so far.
  var said: String { (try? folder.text(errors)) ?? "" }
}

/// Lends `texts` as C strings with a null behind them.
private func withStrings<Value>(_ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value) -> Value {
  let copies = unsafe texts.map { unsafe strdup($0) } + [nil]
  defer { for copy in unsafe copies { unsafe free(copy) } }
  return unsafe copies.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
}
