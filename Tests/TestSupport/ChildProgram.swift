internal import Glibc

/// A program (found by PATH) that runs beside the test with its errors thrown away.
struct ChildProgram: Sendable {
  let child: pid_t
  /// Its standard output.
  let output: Int32

  /// Starts `program`; nil where it isn't there.
  init?(_ program: String, _ arguments: [String]) {
    var pipes: [Int32] = [0, 0]
    guard unsafe pipe(&pipes) == 0 else { return nil }
    for end in pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { unsafe free(word) } }
    var child: pid_t = 0
    let error = unsafe posix_spawnp(&child, program, &actions, nil, words, environ)
    close(pipes[1])
    guard error == 0 else {
      close(pipes[0])
      return nil
    }
    (self.child, output) = (child, pipes[0])
  }

  /// Runs `program` to its end; false where it failed or isn't there.
  @discardableResult static func run(_ program: String, _ arguments: [String]) -> Bool {
    guard let program = ChildProgram(program, arguments) else { return false }
    close(program.output)
    var status: Int32 = 0
    return unsafe waitpid(program.child, &status, 0) == program.child && status == 0
  }

  /// Ends it, and waits until it is gone.
  func end() {
    kill(child, SIGKILL)
    var status: Int32 = 0
    unsafe waitpid(child, &status, 0)
    close(output)
  }
}
