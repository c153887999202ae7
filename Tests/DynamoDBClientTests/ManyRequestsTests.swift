import AWSAuth
import DynamoDBClient
import DynamoDBModel
import Glibc
import HTTPTransport
import Synchronization
import TestSupport
import Testing

/// Many calls to a service that fails now and then, in a process of its own, so that its descriptors and its memory can be counted.
@Suite(.timeLimit(.minutes(10))) struct ManyRequestsTests {
  /// What became of the calls of one run.
  struct Tally: Sendable {
    var answered = 0
    var foreign = 0
    var lost = 0
    var refused = 0
    var other: [String] = []
  }

  /// 64 callers share `count` calls: half of them reads, half writes, and a fifth of the writes may not be sent again while their outcome
  /// is unknown.
  static func run(_ client: DynamoDBClient, count: Int) async -> Tally {
    let tally = Shared(Tally())
    await withTaskGroup(of: Void.self) { group in
      for caller in 0..<64 {
        group.addTask {
          for number in stride(from: caller, to: count, by: 64) {
            let key: Item = ["id": .string("number \(number)")]
            do throws(DynamoDBError) {
              if number % 2 == 0 {
                let output = try await client.getItem(GetItemInput(tableName: "t", key: key))
                tally.withLock { if output.item == key { $0.answered += 1 } else { $0.foreign += 1 } }
              } else {
                let options = CallOptions(resend: number % 10 == 1 ? .unlessOutcomeUnknown : .always)
                _ = try await client.putItem(PutItemInput(tableName: "t", item: key), options: options)
                tally.withLock { $0.answered += 1 }
              }
            } catch {
              tally.withLock { tally in
                switch error.code {
                case .connectionLost where error.outcomeUnknown: tally.lost += 1
                case .internalServerError where error.outcomeUnknown: tally.refused += 1
                default: tally.other.append("\(error)")
                }
              }
            }
          }
        }
      }
    }
    return tally.withLock { $0 }
  }

  final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
    func withLock<Result: Sendable>(_ body: (inout sending Value) -> sending Result) -> Result { value.withLock(body) }
  }

  static func descriptors() -> Int {
    guard let directory = opendir("/proc/self/fd") else { return -1 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
  }

  /// Bytes of memory that the process holds.
  static func residentBytes() throws -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return 0 }
    let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
    return (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE))
  }

  /// Writes to standard error, so that the figures are in the log.
  static func say(_ text: String) { _ = write(2, text, text.utf8.count) }

  /// How many: 100,000 unless `DUALTABLE_TEST_REQUESTS` says another number.
  static var count: Int { getenv("DUALTABLE_TEST_REQUESTS").flatMap { Int(String(cString: $0)) } ?? 100_000 }

  @Test func allAreAnsweredOrFailWithTheirReason() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      let count = Self.count
      let service = FaultyService(seed: 7)
      let configuration = DynamoDBClient.Configuration(
        endpoint: try .resolve(environment: [:], region: "eu-central-1", url: service.url),
        credentials: StaticCredentialProvider(try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret")),
        retry: RetryPolicy(
          maximumAttempts: 10, deadline: .seconds(100), transientBase: .milliseconds(1), throttleBase: .milliseconds(5), usesQuota: false))
      // What is made once and kept: classes' metadata, caches, threads' stacks.
      let first = DynamoDBClient(configuration: configuration)
      _ = await Self.run(first, count: 5_000)
      await first.shutdown()
      while service.open > 0 { usleep(1_000) }
      let (descriptors, memory) = (Self.descriptors(), try Self.residentBytes())
      let before = service.seen

      let clock = ContinuousClock()
      let began = clock.now
      let tally: Tally
      do {
        let client = DynamoDBClient(configuration: configuration)
        tally = await Self.run(client, count: count)
        await client.shutdown(grace: .seconds(10))
      }
      let took = began.duration(to: clock.now)
      while service.open > 0 { usleep(1_000) }
      let growth = try Self.residentBytes() - memory
      let requests = service.seen.requests - before.requests
      let faults = (service.seen.resets - before.resets, service.seen.throttles - before.throttles, service.seen.errors - before.errors)
      let left = Self.descriptors() - descriptors
      Self.say("\(count) calls, \(requests) requests, \(faults) resets, throttles, errors in \(took): \(tally), ")
      Self.say("memory \(growth / 1_024) KB, descriptors \(left) more\n")

      #expect(tally.answered + tally.lost + tally.refused == count, "\(tally)")
      #expect(tally.foreign == 0, "no answer is another call's")
      #expect(tally.other == [], "seed 7")
      // One in a hundred of each, give or take six standard deviations; what isn't sent again is a tenth of the calls.
      let margin = Int(6 * Double(requests / 100).squareRoot())
      for faults in [faults.0, faults.1, faults.2] { #expect(abs(faults - requests / 100) <= margin, "\(faults) of \(requests)") }
      #expect(requests == count + faults.0 + faults.1 + faults.2 - tally.lost - tally.refused, "each fault but the last costs one more")
      #expect(tally.lost > 0 && tally.refused > 0 && tally.lost + tally.refused < count / 300)
      #expect(left <= 0, "descriptors")
      // A sanitizer keeps what was freed for a while.
      #expect(growth < 16_777_216 || Sanitizer.isThere, "less than 168 bytes a call of 100,000")
    }
    if let figures = result?.standardErrorContent { Self.say(String(decoding: figures, as: UTF8.self)) }
  }
}
