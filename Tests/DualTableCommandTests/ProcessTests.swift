import Foundation
import TestSupport
import Testing

@testable import DualTableCommand

/// The tool as a process: what only a process has, its environment, its signals and its exit status.
@Suite struct ProcessTests {
  /// Built beside the tests.
  static let executable = URL(filePath: BuildProducts.folder).appending(path: "dualtable")

  static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: executable.path) }

  /// A server that takes connections and says nothing, so that whoever asks it waits.
  final class SilentServer {
    let port: Int
    private let descriptor: Int32

    init() throws {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let listens = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0 && getsockname(descriptor, $0, &length) == 0
        }
      }
      try #require(listens, "no server on loopback")
      self.descriptor = descriptor
      port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// Waits for the next connection, ten seconds at most.
    func waitForConnection() throws {
      var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      try #require(poll(&polled, 1, 10_000) == 1, "nobody connects")
    }

    deinit { close(descriptor) }
  }

  static func process(_ arguments: [String], _ environment: [String: String]) -> (process: Process, error: Pipe, output: Pipe) {
    let process = Process()
    let error = Pipe()
    let output = Pipe()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = environment
    process.currentDirectoryURL = URL(filePath: "/tmp")
    process.standardError = error
    process.standardOutput = output
    return (process, error, output)
  }

  static func text(_ pipe: Pipe) -> String { String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }

  @Test(.enabled("the tool isn't built: run all tests") { isBuilt }, arguments: [SIGINT, SIGTERM])
  func `the first signal asks, the second ends`(_ signal: Int32) throws {
    let server = try SilentServer()
    let credentials = ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_REGION": "eu-central-1"]
    let (process, error, output) = Self.process(
      ["seed", "--old", "users", "--new", "users-v2", "--endpoint-url", "http://127.0.0.1:\(server.port)"], credentials)
    try process.run()
    try server.waitForConnection()
    kill(process.processIdentifier, signal)
    let asked = "Finishing what is in flight; once more to stop at once.\n"
    let first = try #require(try error.fileHandleForReading.read(upToCount: asked.utf8.count))
    #expect(String(decoding: first, as: UTF8.self) == asked)
    #expect(process.isRunning)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == ToolStatus.interrupted.rawValue)
    #expect(Self.text(output) == "")
  }

  @Test(.enabled("the tool isn't built: run all tests") { isBuilt }) func `reads its environment and exits with its status`() throws {
    let (process, error, output) = Self.process(
      ["verify", "--print-config"], ["DUALTABLE_OLD": "ünïcode = yes", "DUALTABLE_SEGMENTS": "3", "EMPTY": ""])
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
    #expect(
      Self.text(error)
        == "Error: 'ünïcode = yes' isn't a value of old (from DUALTABLE_OLD); give a table's name, of 3 to 255 letters, digits, '_', '-' and '.', or its ARN.\n"
    )
    #expect(Self.text(output) == "")
  }
}
