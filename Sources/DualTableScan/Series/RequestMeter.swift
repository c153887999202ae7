package import DynamoDBClient
internal import Synchronization

/// What a run's requests came to since somebody last looked: times to answers, and refusals for the rate.
///
/// Workers bring what they have once a page, so that it costs nothing an item.
package final class RequestMeter: Sendable {
  /// Everything since the look before.
  package struct Reading: Sendable, Equatable {
    package var reads = LatencyHistogram()
    package var writes = LatencyHistogram()
    package var throttles: [Throttle] = []

    package init() {}
  }

  private let reading = Mutex(Reading())

  package init() {}

  /// Notes the time that a page took.
  package func read(took time: Duration) {
    let (seconds, attoseconds) = time.components
    reading.withLock { $0.reads.add(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000) }
  }

  /// Takes over what a worker counted of its writes.
  package func wrote(_ times: inout LatencyHistogram) {
    guard times.total > 0 else { return }
    reading.withLock { $0.writes += times }
    times.removeAll()
  }

  /// Notes a request that was throttled, by each reason that the service gave; any other error is none.
  package func failed(_ access: Throttle.Access, _ error: DynamoDBError) {
    guard error.isThrottling else { return }
    let named = error.throttlingReasons.map(\.reason)
    reading.withLock { reading in
      for reason in named.isEmpty ? ["\(error.code)"] : named {
        reading.throttles.add(Throttle(access: access, reason: String(reason.prefix(100))))
      }
    }
  }

  /// What was noted since the last call.
  package func take() -> Reading {
    reading.withLock { reading in
      defer { reading = Reading() }
      return reading
    }
  }
}
