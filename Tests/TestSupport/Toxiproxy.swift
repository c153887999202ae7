internal import Glibc
internal import Synchronization

/// A proxy of bytes that spoils connections on command, running where `DUALTABLE_TEST_TOXIPROXY` says (`host:port` of its API).
package final class Toxiproxy: Sendable {
  /// What is done to a connection.
  package struct Toxic: Sendable {
    let type: String
    let attributes: String

    /// Milliseconds before each piece.
    package static func latency(_ milliseconds: Int) -> Toxic { Toxic(type: "latency", attributes: #"{"latency":\#(milliseconds)}"#) }
    /// Kilobytes a second.
    package static func bandwidth(_ rate: Int) -> Toxic { Toxic(type: "bandwidth", attributes: #"{"rate":\#(rate)}"#) }
    /// Pieces of a few bytes, some microseconds apart.
    package static func slicer(_ size: Int, _ delay: Int) -> Toxic {
      Toxic(type: "slicer", attributes: #"{"average_size":\#(size),"size_variation":\#(size / 2),"delay":\#(delay)}"#)
    }
    /// A reset so many milliseconds after the connection is made.
    package static func resetPeer(_ milliseconds: Int) -> Toxic { Toxic(type: "reset_peer", attributes: #"{"timeout":\#(milliseconds)}"#) }
    /// Nothing comes through; closed after so many milliseconds, never where it is 0.
    package static func timeout(_ milliseconds: Int) -> Toxic { Toxic(type: "timeout", attributes: #"{"timeout":\#(milliseconds)}"#) }
    /// Closed after so many bytes.
    package static func limitData(_ bytes: Int) -> Toxic { Toxic(type: "limit_data", attributes: #"{"bytes":\#(bytes)}"#) }
    /// Closed so many milliseconds later than the other side does.
    package static func slowClose(_ milliseconds: Int) -> Toxic { Toxic(type: "slow_close", attributes: #"{"delay":\#(milliseconds)}"#) }
  }

  package enum Direction: String, Sendable {
    case upstream, downstream
  }

  private static let api: Int? = {
    guard let text = unsafe getenv("DUALTABLE_TEST_TOXIPROXY") else { return nil }
    return unsafe String(cString: text).split(separator: ":").last.flatMap { Int($0) }
  }()

  /// Whether there is one.
  package static var isAvailable: Bool { api != nil }
  /// What suites without one say.
  package static let absence = "no toxiproxy runs: DUALTABLE_TEST_TOXIPROXY is not set (Tests/run starts it where it is there)"

  private static let names = Mutex(0)
  private let name: String
  /// Where the proxy listens.
  package let port: Int

  /// Puts a proxy in front of `upstream`, a port of loopback; nil where there is none, or it refuses.
  package init?(to upstream: Int, _ toxics: [(Toxic, Direction)] = []) {
    let number = Self.names.withLock { names in
      names += 1
      return names
    }
    name = "test-\(getpid())-\(number)"
    let proxy = #"{"name":"\#(name)","listen":"127.0.0.1:0","upstream":"127.0.0.1:\#(upstream)"}"#
    guard let answer = Self.call("POST", "/proxies", proxy), let listen = answer.firstRange(of: #""listen":"127.0.0.1:"#) else {
      return nil
    }
    port = Int(answer[listen.upperBound...].prefix { $0.isNumber }) ?? 0
    for (toxic, direction) in toxics {
      let body = #"{"type":"\#(toxic.type)","stream":"\#(direction.rawValue)","attributes":\#(toxic.attributes)}"#
      guard let answer = Self.call("POST", "/proxies/\(name)/toxics", body), answer.contains(toxic.type) else { return nil }
    }
  }

  deinit { _ = Self.call("DELETE", "/proxies/\(name)", "") }

  private static func call(_ method: String, _ path: String, _ body: String) -> String? {
    guard let port = api, var peer = TestServer.connection(to: port) else { return nil }
    peer.send(
      "\(method) \(path) HTTP/1.1\r\nhost: toxiproxy\r\nuser-agent: test\r\nconnection: close\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
        + body)
    var answer: [UInt8] = []
    while let bytes = peer.receive() { answer += bytes }
    return String(decoding: answer, as: UTF8.self)
  }
}
