internal import AWSAuth
internal import CurlTransport
public import DualTableMapping
internal import DualTableScan
internal import Glibc
internal import HTTPTransport

/// The `dualtable` tool, as a library: a migration whose mapping is written in Swift is an executable of one line over it.
///
///     await DualTableCommand.main(mapping: UserMapping())
public enum DualTableCommand {
  /// Runs the process's command line and ends the process with the tool's exit status.
  ///
  /// - Parameter mapping: used in place of `--mapping`. Default none: the file that the flag names.
  public static func main(mapping: (any TableMapping)? = nil) async -> Never {
    let name = CommandLine.arguments.first?.split(separator: "/").last.map { String($0) } ?? "dualtable"
    let environment = processEnvironment()
    ProcessMemory.hide()
    ProcessMemory.keepFreed()
    let stop = InterruptSignals.install()
    let surroundings = Surroundings(
      environment: environment, mapping: mapping, stop: stop, clock: ContinuousClock(),
      wallClock: .system, transport: Surroundings.transport(environment),
      credentialTransport: CredentialSurroundings.systemTransport(environment), read: Surroundings.readFile,
      input: { () throws(CommandError) in try StandardInput.next(unless: stop) })
    let tool = Tool(
      name: name, commands: ToolCommand.all(tool: name, hasMapping: mapping != nil), surroundings: surroundings, terminal: Terminal())
    exit(await tool.run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  /// The environment the process was started with. The C library's own table is shared, mutable memory; the kernel's copy isn't.
  private static func processEnvironment() -> [String: String] {
    let bytes = (try? Surroundings.readFile("/proc/self/environ")) ?? []
    var environment: [String: String] = [:]
    for entry in bytes.split(separator: 0) {
      let parts = entry.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      environment[String(decoding: parts[0], as: UTF8.self)] = String(decoding: parts[1], as: UTF8.self)
    }
    return environment
  }
}

extension Surroundings {
  /// Carries requests over libcurl's connections, trusting the certificates that `AWS_CA_BUNDLE` names, if it does.
  static func transport(_ environment: [String: String]) -> @Sendable (_ connections: Int) -> any HTTPTransport {
    { connections in
      var configuration = CurlTransport.Configuration()
      configuration.maxConnectionsPerOrigin = connections
      configuration.caBundle = environment["AWS_CA_BUNDLE"].flatMap { $0.isEmpty ? nil : $0 }
      configuration.proxies = ProxySettings { environment[$0] }
      return CurlTransport(configuration: configuration)
    }
  }

  /// Bytes of a file that a flag names and that is read whole, at most.
  static let longestFile = 64 << 20

  /// Reads a file of the machine's.
  @Sendable static func readFile(_ path: String) throws(CommandError) -> [UInt8]? {
    guard File.exists(path) else { return nil }
    var buffer = ByteBuffer()
    do {
      let file = try File(path, .read)
      // The kernel's own files have no length: read until there is nothing more.
      while buffer.count <= longestFile, try file.read(at: buffer.count, 65_536, into: &buffer) > 0 {}
    } catch {
      throw CommandError(error.description)
    }
    guard buffer.count <= longestFile else {
      throw CommandError("\(path) is longer than the \(longestFile >> 20) MB that are read; check its name.")
    }
    return (0..<buffer.count).map { buffer[$0] }
  }
}
