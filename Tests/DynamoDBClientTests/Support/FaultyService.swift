import DynamoDBClient
import Synchronization
import TestSupport

/// A service on loopback that answers each request with the id in it, but for one in a hundred each that it resets, throttles or fails.
final class FaultyService: Sendable {
  struct Counts: Sendable {
    var requests = 0
    var resets = 0
    var throttles = 0
    var errors = 0
  }

  private let counts: Locked
  private let server: TestServer

  /// Counts behind a lock that the server's threads share with the test.
  private final class Locked: Sendable {
    let value = Mutex(Counts())
  }

  /// Makes a service whose faults are drawn by `seed`, of each connection apart.
  init(seed: UInt64) {
    let counts = Locked()
    self.counts = counts
    server = TestServer { peer, number in
      var generator = SeededGenerator(seed: seed &+ UInt64(number))
      while let request = peer.request() {
        let draw = generator.next() % 100
        counts.value.withLock { counts in
          counts.requests += 1
          switch draw {
          case 0: counts.resets += 1
          case 1: counts.throttles += 1
          case 2: counts.errors += 1
          default: break
          }
        }
        switch draw {
        case 0: return peer.reset()
        case 1: peer.answer(#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slowly"}"#, status: 400)
        case 2: peer.answer(#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"oh"}"#, status: 500)
        default: peer.answer(#"{"Item":{"id":{"S":"\#(Self.id(in: request))"}}}"#)
        }
      }
    }
  }

  var url: String { "\(server.origin)" }
  /// What happened so far.
  var seen: Counts { counts.value.withLock { $0 } }
  /// Connections that clients have open.
  var open: Int { server.open }

  /// What stands between `"S":"` and the next quote: the id of every request of this test.
  private static func id(in request: [UInt8]) -> String {
    let mark: [UInt8] = Array(#""S":""#.utf8)
    var index = request.count - mark.count
    while index > 0, !request[index...].starts(with: mark) { index -= 1 }
    return String(decoding: request[(index + mark.count)...].prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
  }
}
