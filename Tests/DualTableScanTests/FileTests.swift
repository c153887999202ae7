import Dispatch
import Glibc
import HTTPTransport
import Synchronization
import TestSupport
import Testing

@testable import DualTableScan

@Suite struct FileTests {
  @Test func `a full disk is one sentence with the remedy`() throws {
    let full = try File("/dev/full", .append)
    let error = #expect(throws: StateError.self) { try full.append(Array("x".utf8).span) }
    #expect(error?.code == .file)
    #expect(error?.message.contains("/dev/full") == true)
    #expect(error?.message.contains("free some space and run the same command again") == true)
  }

  @Test func `a lock ends with its file, even if a child still has a copy of the descriptor`() throws {
    let directory = TemporaryDirectory()
    let copy: Int32
    do {
      let file = try File("\(directory.path)/lock", .append)
      let isFirst = file.lock()
      #expect(isFirst)
      copy = dup(file.descriptor)
    }
    defer { close(copy) }
    let next = try File("\(directory.path)/lock", .append)
    let isFree = next.lock()
    #expect(isFree)
  }

  @Test func `a missing file names its path`() {
    let error = #expect(throws: StateError.self) { _ = try File("/nonexistent/file", .read) }
    #expect(error?.message.contains("Opening /nonexistent/file failed") == true)
  }

  @Test func `a state file of an absurd size isn't read`() throws {
    let directory = TemporaryDirectory()
    try directory.write("run.json", [])
    // It takes no room on the disk.
    #expect(truncate("\(directory.path)/run.json", 1 << 40) == 0)
    let error = #expect(throws: StateError.self) { _ = try File.contents(of: "\(directory.path)/run.json") }
    #expect(error?.code == .damaged)
    #expect(error?.message.contains("has 1099511627776 bytes, more than a file of a run's state ever has") == true)
  }

  @Test func `replace leaves the new contents and no temporary file`() throws {
    let directory = TemporaryDirectory()
    try File.replace("\(directory.path)/a", with: Array("one".utf8).span)
    try File.replace("\(directory.path)/a", with: Array("two".utf8).span)
    #expect(try directory.bytes("a") == Array("two".utf8))
    #expect(!File.exists("\(directory.path)/a.new"))
    #expect(directory.mode("a") == 0o600)
  }

  @Test func `no name is taken from what isn't a file`() throws {
    let directory = TemporaryDirectory()
    try #require(mkfifo("\(directory.path)/pipe", 0o600) == 0 && symlink("/dev/null", "\(directory.path)/link") == 0)
    for path in ["\(directory.path)/pipe", "\(directory.path)/link", "/dev/null", "/dev/stdout"] {
      let error = #expect(throws: StateError.self) { try File.replace(path, with: Array("x".utf8).span) }
      #expect(error?.message.hasPrefix("\(path) is no plain file") == true && !File.exists("\(path).new"))
    }
    let error = #expect(throws: StateError.self) { try Self.readTwice("\(directory.path)/pipe") }
    #expect(error?.message.contains("it is a pipe") == true)
  }

  /// Reads a pipe that nobody writes to.
  private static func readTwice(_ path: String) throws {
    // Open for writing, too, so that opening it waits for nobody.
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    var buffer = ByteBuffer()
    try File(path, .read).read(at: 0, 10, into: &buffer)
  }

  @Test func `directories are made with those above them, for their owner alone`() throws {
    let directory = TemporaryDirectory()
    try File.makeDirectory("\(directory.path)/one//two/three/")
    #expect(directory.mode("one") == 0o700 && directory.mode("one/two/three") == 0o700)
    try File.makeDirectory("\(directory.path)/one/two/three")
    try directory.write("file", [])
    #expect(throws: StateError.self) { try File.makeDirectory("\(directory.path)/file/below") }
    let error = #expect(throws: StateError.self) { try File.makeDirectory("/proc/x") }
    #expect(error?.message.contains("Making /proc/x failed") == true)
  }

  @Test func `a file system without an end has room`() {
    #expect(File.bytes(blocks: 10, of: 4_096) == 40_960)
    #expect(File.bytes(blocks: .max, of: 1 << 20) == 1 << 53 && File.bytes(blocks: .max, of: 1) == 1 << 53)
  }

  @Test func `reading stops at the end`() throws {
    let directory = TemporaryDirectory()
    try directory.write("a", Array(0..<100))
    let file = try File("\(directory.path)/a", .read)
    var buffer = ByteBuffer()
    #expect(try file.read(at: 90, 50, into: &buffer) == 10)
    #expect(buffer.count == 10 && buffer[0] == 90)
    #expect(try file.read(at: 200, 50, into: &buffer) == 0)
  }

  /// What somebody else may have put where a file shall be written.
  @Test(arguments: [File.Mode.append, .replace]) func `nothing is written through what was planted`(_ mode: File.Mode) throws {
    let directory = TemporaryDirectory()
    let victim = "\(directory.path)/victim"
    try directory.write("victim", Array("mine".utf8))
    #expect(symlink(victim, "\(directory.path)/link") == 0 && link(victim, "\(directory.path)/hard") == 0)
    #expect(symlink("\(directory.path)/new", "\(directory.path)/dangling") == 0 && mkfifo("\(directory.path)/pipe", 0o666) == 0)
    for (name, words) in [
      ("link", "symbolic link"), ("dangling", "symbolic link"), ("hard", "another name elsewhere"), ("pipe", "no plain file"),
    ] {
      let error = #expect(throws: StateError.self) { _ = try File("\(directory.path)/\(name)", mode) }
      #expect(error?.message.contains(words) == true && error?.message.contains("\(directory.path)/\(name)") == true, "\(name)")
    }
    #expect(try directory.text("victim") == "mine" && !File.exists("\(directory.path)/new"))
  }

  @Test(.enabled("needs root, to be two users") { geteuid() == 0 }) func `what belongs to others is refused, and stays as it is`() throws {
    let directory = TemporaryDirectory()
    try directory.write("theirs", Array("theirs".utf8))
    chmod("\(directory.path)/theirs", 0o666)
    #expect(chown("\(directory.path)/theirs", 65_534, 65_534) == 0 && mkdir("\(directory.path)/folder", 0o700) == 0)
    #expect(chown("\(directory.path)/folder", 65_534, 65_534) == 0)
    let error = #expect(throws: StateError.self) { _ = try File("\(directory.path)/theirs", .replace) }
    #expect(error?.message.contains("belongs to another user") == true)
    #expect(try directory.text("theirs") == "theirs")
    let refusal = #expect(throws: StateError.self) { try File.makeDirectory("\(directory.path)/folder") }
    #expect(refusal?.message.contains("belongs to another user") == true)
  }

  @Test func `a file that others could read is closed to them`() throws {
    let directory = TemporaryDirectory()
    try directory.write("open", Array("x".utf8))
    chmod("\(directory.path)/open", 0o644)
    _ = try File("\(directory.path)/open", .append)
    #expect(directory.mode("open") == 0o600)
  }

  @Test(arguments: [0o777, 0o775, 0o1777, 0o722] as [mode_t]) func `a directory that others can write to is refused`(_ mode: mode_t) throws
  {
    let directory = TemporaryDirectory()
    let path = "\(directory.path)/shared"
    try File.makeDirectory(path)
    chmod(path, mode)
    let error = #expect(throws: StateError.self) { try File.makeDirectory(path) }
    #expect(error?.message.contains("chmod go-w") == true)
    try File.makeDirectory("\(path)/own")
  }

  @Test(arguments: ["", "/", "//"]) func `a link in a directory's place is refused`(_ ending: String) throws {
    let directory = TemporaryDirectory()
    try File.makeDirectory("\(directory.path)/real")
    #expect(symlink("\(directory.path)/real", "\(directory.path)/link") == 0)
    let error = #expect(throws: StateError.self) { try File.makeDirectory("\(directory.path)/link\(ending)") }
    #expect(error?.message.contains("symbolic link") == true)
    try File.makeDirectory("\(directory.path)/link/below")
  }

  @Test func `whoever swaps a file for a link while it is opened gets nothing`() throws {
    let directory = TemporaryDirectory()
    let (path, victim) = ("\(directory.path)/out", "\(directory.path)/victim")
    try directory.write("victim", Array("mine".utf8))
    let isOver = Atomic(false)
    let rounds = Atomic(0)
    let swapping = DispatchGroup()
    DispatchQueue.global().async(group: swapping) {
      while !isOver.load(ordering: .relaxed) {
        unlink(path)
        symlink(victim, path)
        unlink(path)
        rounds.wrappingAdd(1, ordering: .relaxed)
      }
    }
    var outcomes = (written: 0, refused: 0)
    while rounds.load(ordering: .relaxed) < 3_000 {
      do {
        try File(path, .replace).append(Array("secret".utf8).span)
        outcomes.written += 1
      } catch {
        outcomes.refused += 1
      }
    }
    isOver.store(true, ordering: .relaxed)
    swapping.wait()
    #expect(try directory.text("victim") == "mine" && outcomes.written > 0 && outcomes.refused > 0)
  }
}
