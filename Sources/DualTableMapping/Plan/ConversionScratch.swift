import DynamoDBModel
import HTTPTransport

/// What one conversion after the other needs to work in; made once for a worker, it grows to the largest item and allocates no more.
package struct ConversionScratch: ~Copyable {
  /// Attributes in the order of the item: a run of untouched ones, or one that a path of the plan leads to.
  struct Segment: BitwiseCopyable {
    /// The run's bytes; or in `start` the tape's node.
    var start: Int32
    var end: Int32
    /// The tree's node, or one of these.
    var node: Int32

    static let run: Int32 = -1
    /// An attribute that no rule knows, where `rest` is `error`.
    static let unmapped: Int32 = -2
  }

  /// The tape's node for each slot; -1 where the item has nothing.
  var slots = Slab<Int32>(capacity: 32)
  var segments = Slab<Segment>(capacity: 32)
  /// For each of the tree's nodes the conversion in which its targets joined a map that remains; older ones count for nothing.
  private var joins = Slab<UInt32>(capacity: 64)
  private var conversion: UInt32 = 0
  /// A value between two steps: text, a number's text, or a binary's base64.
  var text = ByteBuffer(capacity: 256)
  /// Where the next step writes.
  private var next = ByteBuffer(capacity: 256)
  /// Where each hole of the template in `text` ends.
  var holeEnds = Slab<Int32>(capacity: 8)

  package init() {}

  mutating func begin(slots count: Int, nodes: Int) {
    slots.removeAll()
    for _ in 0..<count { slots.append(-1) }
    segments.removeAll()
    conversion &+= 1
    if conversion == 0 {
      joins.removeAll()
      conversion = 1
    }
    while joins.count < nodes { joins.append(0) }
  }

  /// Puts the converted `text` in its place.
  mutating func convertText(_ conversion: Conversion) throws(ConversionFault) {
    next.removeAll()
    try Self.convert(text, conversion, &next)
    swap(&text, &next)
  }

  private static func convert(
    _ text: borrowing ByteBuffer, _ conversion: Conversion, _ next: inout ByteBuffer
  ) throws(ConversionFault) {
    try conversion.appendConverted(text.span, to: &next)
  }

  func hasJoined(_ node: Int) -> Bool { joins[node] == conversion }
  mutating func join(_ node: Int) { joins[node] = conversion }
}
