import DynamoDBModel
import DynamoDBSimulator

/// What the control table's requests cost, in the service's units, by what they are of.
struct ControlTraffic: Sendable {
  private(set) var writes: [String: Double] = [:]
  private(set) var reads: [String: Double] = [:]
  /// Bytes of the items that lie there, by kind, and each one's.
  private var bytes: [String: Int] = [:]
  private var sizes: [String: Int] = [:]

  var writeUnits: Double { writes.values.reduce(0, +) }
  var readUnits: Double { reads.values.reduce(0, +) }
  /// All of it in write units, by their price on demand: a read unit costs a fifth of a write unit.
  var price: Double { writeUnits + readUnits / 5 }

  private static let kinds = ["#segment#", "#worker#", "#series#", "#letters#", "#mapping#", "participant#"]

  mutating func arrived(_ arrival: DynamoDBSimulator.Arrival) {
    let text = String(decoding: arrival.body, as: UTF8.self)
    let kind = Self.kinds.first { text.contains($0) } ?? "pass"
    switch arrival.operation {
    case "PutItem":
      guard let item = Self.item("Item", arrival.body) else { return writes["unreadable", default: 0] += .infinity }
      keep(item, kind, item.sizeInBytes)
      writes[kind, default: 0] += Self.units(item.sizeInBytes, 1_024)
    case "TransactWriteItems": writes["transactions", default: 0] += 2 * Self.units(arrival.body.count, 1_024)
    case "GetItem": reads[kind, default: 0] += Self.units(bytes[kind] ?? 0, 4_096)
    case "BatchGetItem": reads[kind, default: 0] += Double(text.split(separator: #""item""#).count - 1)
    case "Query": reads[kind, default: 0] += Self.units(bytes[kind] ?? 0, 4_096)
    case "DescribeTable": break
    default:
      writes[kind, default: 0] += 1
      if let key = Self.item("Key", arrival.body) { keep(key, kind, 0) }
    }
  }

  private mutating func keep(_ item: Item, _ kind: String, _ size: Int) {
    guard let key = item["item"]?.stringValue else { return }
    bytes[kind, default: 0] += size - (sizes[key] ?? 0)
    sizes[key] = size
  }

  private static func units(_ bytes: Int, _ unit: Int) -> Double { Double(max(1, (bytes + unit - 1) / unit)) }

  /// The item that a member of the request is.
  private static func item(_ member: String, _ body: [UInt8]) -> Item? {
    do {
      var members = try JSONObjectReader(body.span)
      while let name = try members.next(body.span) {
        let value = try members.skip(body.span)
        if body[name].elementsEqual(member.utf8) { return try Item(wire: Array(body[value]).span) }
      }
    } catch {}
    return nil
  }
}
