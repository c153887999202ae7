import DynamoDBModel
import Glibc
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

  private var path: String { Self.products + "/" + name }

  private static let products: String = {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return own.split(separator: "/").dropLast().map { "/\($0)" }.joined()
  }()

  /// The repository's mapping file of that name.
  static func mapping(_ name: String) -> String {
    #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined() + "/Mappings/\(name)"
  }

  /// Runs to the end, or until `isTimeToKill`: then SIGKILL.
  func run(_ arguments: [String], isTimeToKill: () async throws -> Bool = { false }) async throws -> Result {
    let pid = try start(arguments, out: "\(folder.path)/stdout", errors: "\(folder.path)/stderr")
    var status: Int32 = 0
    while unsafe waitpid(pid, &status, WNOHANG) == 0 {
      if try await isTimeToKill() {
        kill(pid, SIGKILL)
        unsafe waitpid(pid, &status, 0)
        break
      }
      try await ContinuousClock().sleep(for: .milliseconds(5))
    }
    return Result(
      status: status & 0x7F == 0 ? Int(status >> 8) & 0xFF : nil, output: try folder.text("stdout"), errors: try folder.text("stderr"))
  }

  private func start(_ arguments: [String], out: String, errors: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let environment = [
      "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=eu-central-1",
      "AWS_ENDPOINT_URL=\(try #require(engine.url))",
      "HOME=\(folder.path)",
    ]
    var pid = pid_t()
    let failure = unsafe withStrings([path] + arguments) { argv in
      unsafe withStrings(environment) { environment in unsafe posix_spawn(&pid, path, &actions, nil, argv, environment) }
    }
    try #require(failure == 0, "\(path) does not start: errno \(failure)")
    return pid
  }
}

/// Lends `texts` as C strings with a null behind them.
private func withStrings<Value>(_ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value) -> Value {
  let copies = unsafe texts.map { unsafe strdup($0) } + [nil]
  defer { for copy in unsafe copies { unsafe free(copy) } }
  return unsafe copies.withUnsafeBufferPointer { unsafe body($0.baseAddress!) }
}
