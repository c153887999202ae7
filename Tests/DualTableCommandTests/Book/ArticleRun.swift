import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import HTTPTransport
import Synchronization
import TestSupport
import Testing

@testable import DualTableCommand

/// Runs the commands of an article in order, on the simulator in virtual time: each must end as the article says, with what it says.
final class ArticleRun: Sendable {
  private struct State {
    var environment = [
      "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_REGION": "eu-central-1",
      "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    ]
    var files: [String: String]
    /// What the commands of the last block of commands have said.
    var said = ""
  }

  let time: SimulatedTime
  let engine: DynamoDBSimulator
  let folder = TemporaryDirectory()
  private let state: Mutex<State>

  /// - Parameter files: what lies beside the command, by name.
  init(seed: UInt64 = 1, files: [String: String]) {
    time = SimulatedTime(seed: seed)
    engine = DynamoDBSimulator(time: time)
    state = Mutex(State(files: files))
  }

  /// How many command lines were run.
  @discardableResult
  func run(_ article: Article, before: (String) async throws -> Void = { _ in }) async throws -> Int {
    var count = 0
    for block in article.blocks {
      let place = "\(article.name).md, line \(block.line)"
      switch block.language {
      case "sh":
        state.withLock { $0.said = "" }
        for command in block.commands {
          try await before(command)
          try await run(command, place)
          count += 1
        }
      case "text":
        let said = Self.plain(state.withLock(\.said))
        for line in block.lines { #expect(said.contains(Self.plain(line)), "\(place): \(line)\nbut it said\n\(said)") }
      case "yaml":
        // A file says its own name on its first line.
        let name = try #require(block.lines.first?.dropFirst(2), "\(place)")
        state.withLock { $0.files[String(name)] = block.lines.joined(separator: "\n") + "\n" }
      default: Issue.record("\(place): nothing runs a block of '\(block.language)'")
      }
    }
    return count
  }

  /// Runs command lines as an article would have them.
  func commands(_ lines: [String]) async throws {
    for line in lines { try await run(line, "before the article") }
  }

  /// Puts files beside the command.
  func say(files: [String: String]) { state.withLock { $0.files.merge(files) { $1 } } }

  /// Numbers and words, however they are spaced.
  private static func plain(_ text: String) -> String {
    text.split { $0 == " " || $0 == "\n" || $0 == "\t" }.joined(separator: " ")
  }

  private func run(_ line: String, _ place: String) async throws {
    let parts = line.split(separator: "#", maxSplits: 1).map { $0.trimmed }
    let status = parts.count > 1 ? Int(parts[1].dropFirst("exits ".count)) ?? -1 : 0
    var words = parts[0].split(separator: " ").map { String($0) }
    switch words.removeFirst() {
    case "dualtable" where words == ["local", "&"]: break
    case "dualtable": try await tool(words, exits: status, "\(place): \(line)")
    case "aws": try aws(words, "\(place): \(line)")
    case "sleep": try await time.sleep(for: .seconds(try #require(Int(words[0]))))
    case "export":
      for word in words {
        let pair = word.split(separator: "=", maxSplits: 1)
        state.withLock { $0.environment[String(pair[0])] = String(pair[1]) }
      }
    case "swift": #expect(words == ["build", "-c", "release", "--product", "dualtable"], "\(place)")
    case let other: Issue.record("\(place): nothing runs \(other)")
    }
  }

  private func tool(_ words: [String], exits status: Int, _ place: String) async throws {
    var words = words
    var target: String?
    if words.count > 2, words[words.count - 2] == ">" {
      target = words.removeLast()
      words.removeLast()
    }
    // Files that commands open and write themselves lie in the folder.
    for index in words.indices.dropFirst() where ["--output", "--keys-out", "--keys", "--give-up"].contains(words[index - 1]) {
      words[index] = "\(folder.path)/\(words[index])"
    }
    let (environment, files) = state.withLock { ($0.environment, $0.files) }
    let run = await ToolRun.run(
      words.joined(separator: " "), environment: environment.merging(["DUALTABLE_STATE": "\(folder.path)/state"]) { $1 }, files: files,
      time: time, transport: LastingTransport(engine))
    #expect(Int(run.status.rawValue) == status, "\(place) exits \(run.status.rawValue)\n\(run.output)\(run.error)")
    state.withLock { state in
      state.said += run.output + run.error
      if let target { state.files[target] = run.output }
    }
  }

  /// What the AWS CLI would send.
  private func aws(_ words: [String], _ place: String) throws {
    #expect(words.first == "dynamodb", "\(place)")
    var options: [String: String] = [:]
    for index in stride(from: 2, to: words.count - 1, by: 2) { options[words[index]] = words[index + 1] }
    func table() throws -> String { try #require(options["--table-name"], "\(place)") }
    switch words[1] {
    case "create-table":
      let name = try #require(options["--cli-input-json"]?.dropFirst("file://".count), "\(place)")
      try request("CreateTable", try #require(state.withLock { $0.files[String(name)] }, "\(place)"), place)
    case "update-time-to-live":
      let specification = try #require(options["--time-to-live-specification"], "\(place)")
      let parts = specification.split(separator: ",").map { $0.split(separator: "=") }
      let enabled = parts.first { $0[0] == "Enabled" }?[1] ?? ""
      let attribute = parts.first { $0[0] == "AttributeName" }?[1] ?? ""
      try request(
        "UpdateTimeToLive",
        #"{"TableName":"\#(try table())","TimeToLiveSpecification":{"Enabled":\#(enabled),"AttributeName":"\#(attribute)"}}"#, place)
    case "delete-table": try request("DeleteTable", #"{"TableName":"\#(try table())"}"#, place)
    case let other: Issue.record("\(place): nothing runs aws dynamodb \(other)")
    }
  }

  func request(_ operation: String, _ body: String, _ place: String) throws {
    let head = RequestHead(target: "DynamoDB_20120810.\(operation)")
    let bytes = ByteBuffer(body.utf8)
    let fate = engine.send(head, bytes)
    let answer = engine.arrive(head, bytes, fate)
    let status = answer.status
    #expect(status == 200, "\(place): \(status)")
  }
}

extension Substring {
  fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
