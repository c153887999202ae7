// What the adapters in the documentation are written against has the names and shapes of swift-log, swift-metrics and
// swift-distributed-tracing, as far as the adapters use them: the kit itself depends on none of them.
import Synchronization

// MARK: - Logging

struct Logger: Sendable {
  typealias Metadata = [String: MetadataValue]

  enum Level: Int, Sendable, Comparable {
    case trace, debug, info, notice, warning, error, critical

    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  struct Message: Sendable, ExpressibleByStringInterpolation {
    let text: String
    init(stringLiteral text: String) { self.text = text }
  }

  struct MetadataValue: Sendable, ExpressibleByStringInterpolation {
    let text: String
    init(stringLiteral text: String) { self.text = text }
  }

  var logLevel = Level.debug
  let lines = Lines()

  func log(level: Level, _ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
    guard level >= logLevel else { return }
    let fields = (metadata() ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value.text)" }.joined()
    lines.append("\(level): \(message().text)\(fields)")
  }
}

/// Lines of text that anybody may add to.
final class Lines: Sendable {
  private let state = Mutex<[String]>([])
  var all: [String] { state.withLock { $0 } }
  func append(_ line: String) { state.withLock { $0.append(line) } }
}

// MARK: - Metrics

/// Where the look-alikes of a service's metrics end up.
enum MetricsSystem {
  static let values = Mutex<[String: Double]>([:])

  static func key(_ label: String, _ dimensions: [(String, String)]) -> String {
    "\(label){\(dimensions.map { "\($0.0)=\($0.1)" }.joined(separator: ","))}"
  }

  static func value(_ key: String) -> Double? { values.withLock { $0[key] } }
}

struct Counter: Sendable {
  private let key: String
  init(label: String, dimensions: [(String, String)]) { key = MetricsSystem.key(label, dimensions) }
  func increment(by amount: Int) { MetricsSystem.values.withLock { $0[key, default: 0] += Double(amount) } }
}

struct Gauge: Sendable {
  private let key: String
  init(label: String, dimensions: [(String, String)]) { key = MetricsSystem.key(label, dimensions) }
  func record(_ value: Double) { MetricsSystem.values.withLock { $0[key] = value } }
}

struct Timer: Sendable {
  private let key: String
  init(label: String, dimensions: [(String, String)]) { key = MetricsSystem.key(label, dimensions) }
  func recordNanoseconds(_ duration: Int64) {
    MetricsSystem.values.withLock {
      $0["\(key).count", default: 0] += 1
      $0[key, default: 0] += Double(duration)
    }
  }
}

// MARK: - Tracing

struct ServiceContext: Sendable {
  static let topLevel = ServiceContext(path: "")
  @TaskLocal static var current: ServiceContext?
  let path: String
}

struct SpanStatus: Sendable {
  enum Code: Sendable { case ok, error }
  let code: Code
  var message: String?
}

enum SpanKind: Sendable { case `internal`, client }

protocol Span: Sendable {
  var context: ServiceContext { get }
  var attributes: [String: String] { get nonmutating set }
  func setStatus(_ status: SpanStatus)
  func end()
}

/// A span that leaves a line behind when it ends.
final class RecordedSpan: Span {
  static let ended = Lines()
  let context: ServiceContext
  private let state = Mutex<(attributes: [String: String], status: SpanStatus?)>(([:], nil))

  init(_ name: String, _ context: ServiceContext) { self.context = ServiceContext(path: "\(context.path)/\(name)") }

  var attributes: [String: String] {
    get { state.withLock { $0.attributes } }
    set { state.withLock { $0.attributes = newValue } }
  }

  func setStatus(_ status: SpanStatus) { state.withLock { $0.status = status } }

  func end() {
    let (attributes, status) = state.withLock { $0 }
    let fields = attributes.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    Self.ended.append("\(context.path)\(fields)\(status.map { " \($0.code) \($0.message ?? "")" } ?? "")")
  }
}

func startSpan(_ name: String, context: ServiceContext, ofKind kind: SpanKind) -> any Span { RecordedSpan(name, context) }
