import AWSAuth
import DualTableMapping
import DualTableScan
import DynamoDBSimulator
import HTTPTransport
import Synchronization
import TestSupport
import Testing

@testable import DualTableCommand

/// One run of the tool in surroundings of its own, and what it wrote.
struct ToolRun {
  let status: ToolStatus
  let output: String
  let error: String

  /// Runs a command line.
  ///
  /// - Parameters:
  ///   - files: what can be read, by path.
  ///   - input: what standard input holds.
  ///   - commands: default: the tool's own.
  ///   - credentialTransport: default: one that leads nowhere.
  ///   - time: what clocks show; default the machine's, at a fixed time of day.
  static func run(
    _ line: String, environment: [String: String] = [:], files: [String: String] = [:], input: String = "",
    mapping: (any TableMapping)? = nil,
    commands: [ToolCommand]? = nil, stop: StopSignal = StopSignal(), time: SimulatedTime? = nil,
    transport: any HTTPTransport = DynamoDBSimulator(), credentialTransport: any HTTPTransport = NowhereTransport()
  ) async -> ToolRun {
    final class Collected: Sendable {
      let texts = Mutex((output: "", error: ""))
    }
    let collected = Collected()
    let terminal = Terminal(
      sinks: .init(
        output: { text in collected.texts.withLock { $0.output += text } }, error: { text in collected.texts.withLock { $0.error += text } }
      ),
      isLive: false)
    final class Input: Sendable {
      let rest: Mutex<ArraySlice<UInt8>>
      init(_ text: String) { rest = Mutex(Array(text.utf8)[...]) }
    }
    let input = Input(input)
    let surroundings = Surroundings(
      environment: environment, mapping: mapping, stop: stop, clock: time ?? ContinuousClock(),
      wallClock: time?.wallClock ?? WallClock { 1_795_251_600_000 }, transport: { _ in transport },
      credentialTransport: { _ in credentialTransport },
      read: { path throws(CommandError) in
        // What a command has written itself it may read again.
        files[path].map { Array($0.utf8) } ?? (path.hasPrefix("/") ? try? TemporaryDirectory.bytes(at: path) : nil)
      },
      input: { () throws(CommandError) in
        input.rest.withLock { rest in
          defer { rest = rest.dropFirst(100) }
          return Array(rest.prefix(100))
        }
      })
    let commands = commands ?? ToolCommand.all(tool: "dualtable", hasMapping: mapping != nil)
    let tool = Tool(name: "dualtable", commands: commands, surroundings: surroundings, terminal: terminal)
    let status = await tool.run(line.split(separator: " ").map { String($0) })
    return collected.texts.withLock { ToolRun(status: status, output: $0.output, error: $0.error) }
  }
}

extension Terminal.Sinks {
  /// Nobody watches.
  static let none = Terminal.Sinks(output: { _ in }, error: { _ in })
}

extension Surroundings {
  /// For a tool that isn't run.
  static let unused = Surroundings(
    environment: [:], mapping: nil, stop: StopSignal(), clock: ContinuousClock(), wallClock: WallClock { 0 },
    transport: { _ in DynamoDBSimulator() }, credentialTransport: { _ in NowhereTransport() },
    read: { _ throws(CommandError) in nil }, input: { () throws(CommandError) in [] })
}
