package import HTTPTransport

/// The shape of one item in wire form: a flat list of nodes with offsets into the bytes that hold it, so that what isn't touched is copied
/// as it came.
///
/// Node 0 is the item. A node's children follow it, each with its own children behind it; `end` leads from sibling to sibling. Elements of
/// lists and members of sets are nodes without a name. Reading an item judges it by every rule that the service has, but for its size. A
/// tape is made once and used for item after item; keep it in a local or a struct, for in a class each access costs a check.
@usableFromInline
package struct ItemTape: ~Copyable, Sendable {
  /// One value in the item. All ranges are offsets into the bytes that were read.
  @usableFromInline
  package struct Node: BitwiseCopyable, Sendable {
    /// Where name, the name's end, value and content begin: one vector, so that an expected value costs one addition.
    @usableFromInline internal var starts: SIMD4<UInt32>
    @usableFromInline internal var contentEnd: UInt32
    @usableFromInline internal var valueEnd: UInt32
    @usableFromInline internal var next: UInt32
    /// The type; the item's is `map`, that of a set's member string, number or binary.
    @usableFromInline package internal(set) var type: AttributeType
    @usableFromInline internal var flags: UInt8
    /// The number of the path of names that leads here, while the tape's `numbering` stays; `unnumbered` if there are too many. A list's
    /// elements have one number all.
    @usableFromInline package internal(set) var path: UInt16

    package static let unnumbered = UInt16.max

    /// Type and path, and in the low half `end`: what an item looks like without its values.
    @inlinable package var shape: UInt64 {
      // The last eight bytes but the flags, in one load: an item is recognized by nothing else.
      unsafe unsafeBitCast(self, to: SIMD4<UInt64>.self)[3] & 0xFFFF_00FF_FFFF_FFFF
    }

    @usableFromInline internal static let nameIsEscaped: UInt8 = 1
    @usableFromInline internal static let contentIsEscaped: UInt8 = 2

    @inline(__always)
    internal init(_ opening: Opening, contentEnd: Int = 0, valueEnd: Int = 0, contentEscaped: Bool = false, next: Int = 0) {
      starts = opening.starts
      self.contentEnd = UInt32(truncatingIfNeeded: contentEnd)
      self.valueEnd = UInt32(truncatingIfNeeded: valueEnd)
      self.next = UInt32(truncatingIfNeeded: next)
      type = opening.type
      flags = opening.flags | (contentEscaped ? Self.contentIsEscaped : 0)
      path = UInt16(clamping: opening.lead)
    }

    /// The name as written, between its quotes; empty for the item itself, elements of lists and members of sets.
    @inlinable package var nameRange: Range<Int> { Int(starts[0])..<Int(starts[1]) }
    /// The whole value, `{"S":"x"}`; of the item `{…}`; of a set's member its string with the quotes.
    @inlinable package var valueRange: Range<Int> { Int(starts[2])..<Int(valueEnd) }
    /// What the value holds: between the quotes of a string, the brackets of a list or set, the braces of a map or the item; `true`.
    @inlinable package var contentRange: Range<Int> { Int(starts[3])..<Int(contentEnd) }
    /// True if the name holds a backslash.
    @inlinable package var nameEscaped: Bool { flags & Self.nameIsEscaped != 0 }
    /// True if the content, of a string, number or binary, holds a backslash.
    @inlinable package var contentEscaped: Bool { flags & Self.contentIsEscaped != 0 }
    /// The index behind the node and all that is in it: of its next sibling, if there is one.
    @inlinable package var end: Int { Int(next) }
  }

  /// What was read of a value once its content is reached. Small, so that it travels in registers.
  internal struct Opening: BitwiseCopyable {
    /// As a node has them.
    var starts: SIMD4<UInt32>
    var lead: UInt32
    var type: AttributeType
    var flags: UInt8

    @inline(__always) var name: Range<Int> { Int(starts[0])..<Int(starts[1]) }
    @inline(__always) var value: Int { Int(starts[2]) }
    @inline(__always) var content: Int { Int(starts[3]) }
    @inline(__always) var isNameEscaped: Bool { flags != 0 }
  }

  /// A list or map that isn't closed yet.
  internal struct Frame: BitwiseCopyable {
    var node: Int
    var lead: UInt32
    var scope: UInt32
    /// The bracket that closes it.
    var closer: UInt8

    @inline(__always) var isMap: Bool { closer == UInt8(ascii: "}") }
  }

  @usableFromInline internal var nodes: Slab<Node>
  internal var frames: Slab<Frame>
  internal var leads: LeadTable

  package init() {
    nodes = Slab(capacity: 64)
    frames = Slab(capacity: 32)
    leads = LeadTable()
  }

  /// Changes when the paths of the items to come are numbered afresh; no two tapes ever have the same.
  package var numbering: UInt64 { leads.numbering }

  /// Nodes of the item read last; 0 after an error.
  @inlinable package var count: Int { nodes.count }

  /// One node.
  @inlinable package subscript(_ index: Int) -> Node { nodes[index] }

  /// The node called `name` among the children of the map at `parent`, nil if there is none.
  package func child(named name: Span<UInt8>, of parent: Int = 0, _ bytes: Span<UInt8>) -> Int? {
    var index = parent + 1
    let end = nodes[parent].end
    while index < end {
      let node = nodes[index]
      if node.nameEscaped {
        var plain = ByteBuffer(capacity: node.nameRange.count)
        appendName(of: index, bytes, to: &plain)
        if UTF8Text.equal(plain.span, name) { return index }
      } else if UTF8Text.equal(bytes.extracting(node.nameRange), name) {
        return index
      }
      index = node.end
    }
    return nil
  }

  /// Appends the name of the node at `index`, without escapes.
  package func appendName(of index: Int, _ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    Self.append(nodes[index].nameRange, escaped: nodes[index].nameEscaped, bytes, to: &out)
  }

  /// Appends the content of the string, number or binary (still base64) at `index`, without escapes.
  package func appendContent(of index: Int, _ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    Self.appendContent(of: nodes[index], bytes, to: &out)
  }

  internal static func appendContent(of node: Node, _ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    append(node.contentRange, escaped: node.contentEscaped, bytes, to: &out)
  }

  internal static func append(_ range: Range<Int>, escaped: Bool, _ bytes: Span<UInt8>, to out: inout ByteBuffer) {
    guard escaped else { return out.append(bytes.extracting(range)) }
    JSONText.appendUnescaped(bytes, range, to: &out)
  }
}
