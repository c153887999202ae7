internal import DynamoDBModel

/// What a run can be asked through its control socket: a line of JSON.
package enum ControlRequest: Sendable, Equatable {
  case status
  case pause
  case resume
  case stop
  /// Changes what isn't nil.
  case change(read: CapacityBudget?, write: CapacityBudget?, openSegments: Int?)

  /// The most segments that may be open.
  package static let mostOpenSegments = 4_096

  /// As it goes over the socket.
  package var line: String {
    switch self {
    case .status: #"{"do":"status"}"#
    case .pause: #"{"do":"pause"}"#
    case .resume: #"{"do":"resume"}"#
    case .stop: #"{"do":"stop"}"#
    case .change(let read, let write, let openSegments):
      #"{"do":"change""# + (read.map { #","read":"\#($0)""# } ?? "") + (write.map { #","write":"\#($0)""# } ?? "")
        + (openSegments.map { #","openSegments":\#($0)"# } ?? "") + "}"
    }
  }

  /// Reads a line; nil for one that isn't such a request.
  package init?(_ line: String) {
    guard let json = try? JSONValue(parsing: Array(line.utf8).span), let verb = json["do"]?.string else { return nil }
    switch verb {
    case "status": self = .status
    case "pause": self = .pause
    case "resume": self = .resume
    case "stop": self = .stop
    case "change":
      var budgets: [CapacityBudget?] = []
      for name in ["read", "write"] {
        guard let text = json[name]?.string else {
          budgets.append(nil)
          continue
        }
        guard let budget = CapacityBudget(text) else { return nil }
        budgets.append(budget)
      }
      let open = json["openSegments"]?.integer
      guard open ?? 1 >= 1 && open ?? 1 <= Self.mostOpenSegments else { return nil }
      self = .change(read: budgets[0], write: budgets[1], openSegments: open)
    default: return nil
    }
  }

  /// What the run's journal says of it; nil for what changes nothing.
  package var summary: String? {
    switch self {
    case .status: nil
    case .pause: "paused"
    case .resume: "resumed"
    case .stop: "stopped"
    case .change(let read, let write, let openSegments):
      [read.map { "--read-rcu \($0)" }, write.map { "--write-wcu \($0)" }, openSegments.map { "--open-segments \($0)" }]
        .compactMap { $0 }.joined(separator: " ")
    }
  }
}
