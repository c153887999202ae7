internal import CurlTransport
internal import DualTable
internal import DynamoDBClient
internal import DynamoDBModel
internal import Glibc
internal import HTTPTransport
internal import MigrationControl

/// Gets that hit, through a repository and through the client beneath it, by turns in one process: both meet the same connections, pools
/// and neighbors on the machine.
enum RepositoryRun {
  static let subcommand = "repository"

  private struct Turn {
    let rate: Double
    /// The time that one get in a hundred takes longer than, in microseconds.
    let p99: Double
    /// Microseconds of a core that a get takes.
    let work: Double
  }

  /// The child's side.
  static func main(_ arguments: [String]) async throws {
    guard arguments.count == 5, let port = Int(arguments[0]), let loops = Int(arguments[1]), let tasks = Int(arguments[2]),
      let gets = Int(arguments[3]), let pairs = Int(arguments[4])
    else { throw Failure("repository takes: port loops tasks gets pairs") }
    var limits = CurlTransport.Configuration(loops: loops)
    limits.maxConnectionsPerOrigin = tasks
    let transport = CurlTransport(configuration: limits)
    let client = try Workload.client(port: port, over: transport)
    // The null server has every item of its old table: here it is the new one.
    let repository = DualTableRepository(
      old: client, oldTable: Workload.newTable, new: client, newTable: Workload.oldTable, mapping: try Workload.compiledMapping(),
      phase: .fixed(.dualTable))
    let bare: @Sendable (GetItemInput) async -> Item? = { input in try? await client.getItem(input).item }
    let through: @Sendable (GetItemInput) async -> Item? = { input in try? await repository.getItem(input).item }

    var wrong = 0
    for warm in [bare, through] { _ = try await turn(tasks, gets, &wrong, warm) }
    var fields = Fields()
    for pair in 0..<pairs {
      // Whoever comes second in a pair comes first in the next.
      let ways = pair % 2 == 0 ? [("client", bare), ("repository", through)] : [("repository", through), ("client", bare)]
      for (name, get) in ways {
        let turn = try await turn(tasks, gets, &wrong, get)
        fields.set("\(name).rate.\(pair)", turn.rate)
        fields.set("\(name).p99.\(pair)", turn.p99)
        fields.set("\(name).work.\(pair)", turn.work)
      }
    }
    await transport.shutdown()
    if wrong > 0 { fields.set("error", "\(wrong) gets failed or gave another item") }
    Terminal.write(fields.text)
  }

  /// All tasks' gets, one after the other in each task.
  private static func turn(
    _ tasks: Int, _ gets: Int, _ wrong: inout Int, _ get: @escaping @Sendable (GetItemInput) async -> Item?
  ) async throws -> Turn {
    let before = try Usage.current().seconds
    let began = monotonicSeconds()
    let results = await withTaskGroup(of: (times: [Double], wrong: Int).self) { group in
      for task in 0..<tasks {
        group.addTask { await self.gets(gets * task / tasks..<gets * (task + 1) / tasks, get) }
      }
      return await group.reduce(into: (times: [Double](), wrong: 0)) { sum, part in
        sum.times += part.times
        sum.wrong += part.wrong
      }
    }
    let seconds = monotonicSeconds() - began
    let work = try Usage.current().seconds - before
    wrong += results.wrong
    let sorted = results.times.sorted()
    return Turn(
      rate: Double(gets) / seconds, p99: (sorted.isEmpty ? .nan : sorted[sorted.count * 99 / 100]) * 1e6,
      work: work / Double(gets) * 1e6)
  }

  private static func gets(
    _ numbers: Range<Int>, _ get: @Sendable (GetItemInput) async -> Item?
  ) async -> (times: [Double], wrong: Int) {
    var times: [Double] = []
    times.reserveCapacity(numbers.count)
    var wrong = 0
    for number in numbers {
      let id = AttributeValue.string(GetRun.id(number))
      let began = monotonicSeconds()
      let item = await get(GetItemInput(tableName: Workload.oldTable, key: ["id": id]))
      times.append(monotonicSeconds() - began)
      if item?["id"] != id { wrong += 1 }
    }
    return (times, wrong)
  }
}
