internal import Glibc

/// This very program, started again with a hidden subcommand, so that its time and its memory are its own.
struct ChildProcess: ~Copyable {
  /// The first argument of such a process.
  static let subcommand = "child"

  private let identifier: pid_t
  private let input: Int32
  private let output: Int32

  /// Starts the child; what it writes to standard output is read with `readLine` and `finish`.
  init(_ arguments: [String]) throws(Failure) {
    var (toChild, fromChild) = ([Int32](repeating: 0, count: 2), [Int32](repeating: 0, count: 2))
    guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw Failure("can't make a pipe") }
    // Another child that inherits an end would keep this one from seeing that its input ended.
    for descriptor in toChild + fromChild { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)
    var words = ([CommandLine.arguments[0], Self.subcommand] + arguments).map { strdup($0) } + [nil]
    var started = pid_t()
    let status = posix_spawn(&started, "/proc/self/exe", &actions, nil, &words, environ)
    for word in words { free(word) }
    posix_spawn_file_actions_destroy(&actions)
    close(toChild[0])
    close(fromChild[1])
    guard status == 0 else { throw Failure("can't start a child process") }
    identifier = started
    input = toChild[1]
    output = fromChild[0]
  }

  deinit {
    close(input)
    close(output)
  }

  /// The next line, without its end.
  func readLine() -> String {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(output, &byte, 1) == 1 && byte != UInt8(ascii: "\n") { line.append(byte) }
    return String(decoding: line, as: UTF8.self)
  }

  /// Closes the child's standard input, reads what it says to its end and waits for it.
  consuming func finish() throws(Failure) -> String {
    close(input)
    var text: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(output, &block, block.count)
      guard count > 0 else { break }
      text += block[..<count]
    }
    close(output)
    var status: Int32 = 0
    let identifier = identifier
    discard self
    guard waitpid(identifier, &status, 0) == identifier, status == 0 else { throw Failure("a child process failed") }
    return String(decoding: text, as: UTF8.self)
  }
}
