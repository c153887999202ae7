import DynamoDBClient
import DynamoDBSimulator
import HTTPTransport
import Synchronization

/// Passes requests on, and writes down which units the service reported when.
final class MeteringTransport: HTTPTransport {
  struct Reading: Sendable {
    let at: Duration
    let isWrite: Bool
    let units: Double
  }

  private let engine: any HTTPTransport
  private let time: SimulatedTime
  private let readings = Mutex<[Reading]>([])

  init(_ engine: any HTTPTransport, _ time: SimulatedTime) {
    self.engine = engine
    self.time = time
  }

  var all: [Reading] { readings.withLock { $0 } }

  func reset() { readings.withLock { $0 = [] } }

  var loops: [any TaskExecutor] { engine.loops }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    await engine.perform(Metered(source, self), at: origin, timeouts: timeouts)
  }

  func shutdown() async {}

  private func read(_ answer: borrowing HTTPAnswer, _ isWrite: Bool, sent: Duration) {
    guard answer.status == 200, let units = try? answer.capacityUnits() else { return }
    // When it was sent: that is what a budget can decide.
    readings.withLock { $0.append(Reading(at: sent, isWrite: isWrite, units: units)) }
  }

  /// Sound as `@unchecked Sendable`: used by `perform` alone, from one thread at a time.
  private final class Metered: HTTPRequestSource, @unchecked Sendable {
    private let source: any HTTPRequestSource
    private let meter: MeteringTransport
    private var sent: [Int: (at: Duration, isWrite: Bool)] = [:]

    init(_ source: any HTTPRequestSource, _ meter: MeteringTransport) {
      self.source = source
      self.meter = meter
    }

    var mayHaveMore: Bool { source.mayHaveMore }

    func nextRequest(into request: inout HTTPRequestBuffer) -> Int? {
      guard let token = source.nextRequest(into: &request) else { return nil }
      let isWrite = !request.message.contains("DynamoDB_20120810.Scan")
      sent[token] = (.nanoseconds(meter.time.now.nanoseconds), isWrite)
      return token
    }

    func answered(_ token: Int, _ answer: inout HTTPAnswer) {
      if let entry = sent.removeValue(forKey: token) { meter.read(answer, entry.isWrite, sent: entry.at) }
      source.answered(token, &answer)
    }

    func failed(_ token: Int, _ error: HTTPTransportError) { source.failed(token, error) }
  }
}

extension Span<UInt8> {
  /// True if the text stands somewhere in the bytes.
  func contains(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard self.count >= count else { return false }
    for start in 0...(self.count - count) {
      var same = true
      for index in 0..<count where same { same = unsafe self[start + index] == text.utf8Start[index] }
      if same { return true }
    }
    return false
  }
}

extension [MeteringTransport.Reading] {
  /// Units in every span of `length` that begins with a reading and ends before the last one: the least and the most.
  func extremes(over length: Duration) -> (least: Double, most: Double) {
    var (least, most) = (Double.infinity, 0.0)
    var (end, sum) = (0, 0.0)
    for start in indices {
      while end < count, self[end].at < self[start].at + length {
        sum += self[end].units
        end += 1
      }
      if end < count { least = Swift.min(least, sum) }
      most = Swift.max(most, sum)
      sum -= self[start].units
    }
    return (least, most)
  }
}
