internal import Glibc

/// One run of a program that prints credentials: no shell, a limit of time and of output, and nothing of its errors kept.
struct ProgramRun {
  /// How long it may take.
  static let limit = Duration.seconds(60)
  /// Bytes it may print.
  static let longestOutput = 65_536

  let words: [String]
  /// For sentences.
  let name: String
  let surroundings: CredentialSurroundings

  /// What the program prints.
  ///
  /// - Throws: `CredentialError`: `programFailed`, `timeout`, `badAnswer`, `cancelled`.
  func output() async throws(CredentialError) -> [UInt8] {
    let child = try start()
    // Here and nowhere else: closed twice, it could be somebody else's by then.
    defer { _ = close(child.output) }
    let (bytes, status): ([UInt8], Int32)
    do {
      (bytes, status) = try await child.output(of: self, since: Self.stopwatch(surroundings.clock))
    } catch {
      child.end()
      throw error
    }
    guard status == 0 else {
      throw failure("ended with status \(status & 0x7F == 0 ? status >> 8 : status)", "run it by hand to see why")
    }
    return bytes
  }

  /// Time since now.
  private static func stopwatch(_ clock: some Clock<Duration>) -> () -> Duration {
    let start = clock.now
    return { start.duration(to: clock.now) }
  }

  private func start() throws(CredentialError) -> Child {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw failure("can't be started (no descriptor is left)", "raise ulimit -n") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    var actions = posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    // Nobody is there to answer its questions. What it says of its errors may hold secrets, and belongs to no log of ours.
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // A group of its own, so that what it starts ends with it; and signals as every program expects them, whatever we do with ours.
    var (none, all) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let environment = surroundings.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    var child: pid_t = 0
    let error = Self.withCStrings(words) { words in
      Self.withCStrings(environment) { unsafe posix_spawnp(&child, words[0]!, &actions, &attributes, words, $0) }
    }
    _ = close(ends[1])
    guard error == 0 else {
      _ = close(ends[0])
      throw failure("can't be started (\(String(cString: strerror(error))))", "check its path, and that it may be executed")
    }
    return Child(id: child, output: ends[0])
  }

  private static func withCStrings<Result>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
    var pointers = texts.map { unsafe strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { unsafe free(pointer) } }
    return unsafe body(pointers)
  }

  fileprivate func failure(_ what: String, _ remedy: String, _ code: CredentialError.Code = .programFailed) -> CredentialError {
    let start = name.prefix(1).uppercased() + name.dropFirst()
    return CredentialError(code, "\(start) \(what); \(remedy).")
  }

  /// The program while it runs.
  private struct Child {
    let id: pid_t
    let output: Int32

    /// Reads until the program has ended, whoever else still holds its output, and returns how it ended as well.
    func output(of run: ProgramRun, since: () -> Duration) async throws(CredentialError) -> ([UInt8], status: Int32) {
      var bytes: [UInt8] = []
      while true {
        // Looked at before the last read: what was printed before the end is in the pipe by then.
        let status = ended()
        try read(into: &bytes, of: run)
        if let status { return (bytes, status) }
        // By the clock: on a busy machine each pause takes longer than it was to.
        let waited = since()
        guard waited < ProgramRun.limit else {
          throw run.failure("hasn't ended within \(ProgramRun.limit.components.seconds) s", "run it by hand to see why", .timeout)
        }
        do {
          try await run.surroundings.clock.sleep(for: .milliseconds(waited < .seconds(1) ? 5 : 50))
        } catch {
          throw run.failure("was cut off", "its caller was cancelled", .cancelled)
        }
      }
    }

    private func read(into bytes: inout [UInt8], of run: ProgramRun) throws(CredentialError) {
      var chunk = [UInt8](repeating: 0, count: 4_096)
      while case let count = unsafe Glibc.read(output, &chunk, chunk.count), count > 0 {
        bytes += chunk[..<count]
        if bytes.count > ProgramRun.longestOutput {
          throw run.failure("prints over \(ProgramRun.longestOutput / 1_024) KB", "check that it is the right program", .badAnswer)
        }
      }
    }

    /// How it ended, nil while it runs.
    private func ended() -> Int32? {
      var status: Int32 = 0
      let waited = unsafe waitpid(id, &status, WNOHANG)
      // A process that ignores SIGCHLD isn't told how its children end, only that they have: what was printed says the rest.
      if waited < 0 && errno == ECHILD { return 0 }
      return waited == id ? status : nil
    }

    /// Ends it, with all that it has started.
    func end() {
      // Gone already where it ended by itself: then nothing of its group is ours to end.
      var status: Int32 = 0
      guard unsafe waitpid(id, &status, WNOHANG) == 0 else { return }
      _ = kill(-id, SIGKILL)
      // A tenth of a second at most: one that runs as another user, by sudo for instance, doesn't end by our signal, and whoever waits
      // for credentials doesn't wait for that.
      for _ in 0..<100 {
        if unsafe waitpid(id, &status, WNOHANG) != 0 { return }
        usleep(1_000)
      }
    }
  }
}
