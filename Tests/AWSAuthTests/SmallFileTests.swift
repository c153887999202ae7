import Glibc
import TestSupport
import Testing

@testable import AWSAuth

/// Files that aren't what they should be.
@Suite struct SmallFileTests {
  /// What `body` comes to for another user; only the calling thread is one, so it must not wait for anything.
  static func asNobody<Result>(_ body: () -> Result) -> Result {
    // Swift's Glibc leaves it out, and the others that change a user change that of all threads.
    let change = unsafe unsafeBitCast(dlsym(nil, "setfsuid"), to: (@convention(c) (uid_t) -> CInt).self)
    _ = change(65_534)
    defer { _ = change(0) }
    return body()
  }

  static func outcome(_ path: String) -> String {
    do {
      return try SmallFile.read(path).map { "\($0.count) bytes" } ?? "none"
    } catch {
      return error.message.replacing(path, with: "PATH")
    }
  }

  @Test(.enabled("needs root, to be two users") { geteuid() == 0 })
  func `a file out of sight is none, and one in sight that can't be read is an error`() throws {
    let folder = TemporaryDirectory()
    for directory in ["mine", "everyone's"] { #expect(mkdir("\(folder.path)/\(directory)", 0o700) == 0) }
    for directory in ["mine", "everyone's"] {
      try folder.write("\(directory)/config", Array("[default]".utf8))
      chmod("\(folder.path)/\(directory)/config", 0o600)
    }
    for directory in ["", "/everyone's"] { chmod("\(folder.path)\(directory)", 0o711) }
    #expect(Self.outcome("\(folder.path)/mine/config") == "9 bytes")
    #expect(Self.asNobody { Self.outcome("\(folder.path)/mine/config") } == "none", "as a home that is another user's")
    #expect(
      Self.asNobody { Self.outcome("\(folder.path)/everyone's/config") } == "PATH can't be read (Permission denied); check who owns it.")
  }

  @Test func `what isn't a file, or too long a one, is refused without waiting`() throws {
    let folder = TemporaryDirectory()
    #expect(mkfifo("\(folder.path)/pipe", 0o600) == 0 && mkdir("\(folder.path)/folder", 0o700) == 0)
    try folder.write("long", [UInt8](repeating: 0x20, count: SmallFile.longest + 1))
    try folder.write("longest", [UInt8](repeating: 0x20, count: SmallFile.longest))
    for name in ["pipe", "folder"] { #expect(Self.outcome("\(folder.path)/\(name)") == "PATH isn't a file; check the path.") }
    #expect(Self.outcome("\(folder.path)/long") == "PATH has over 1 MB; check that it is the right file.")
    #expect(Self.outcome("/dev/zero") == "PATH has over 1 MB; check that it is the right file.")
    #expect(Self.outcome("\(folder.path)/longest") == "1048576 bytes" && Self.outcome("/dev/null") == "0 bytes")
    #expect(Self.outcome("\(folder.path)/gone") == "none" && Self.outcome("\(folder.path)/long/below") == "none")
  }
}
