import DynamoDBModel
import HTTPTransport

/// All paths that a block reads, takes or writes, as one tree over the item: the source trie and the target tree in one.
struct PathTree: Sendable {
  /// Node 0 is the item.
  let nodes: [PathNode]
  /// The names' bytes.
  let names: [UInt8]
  /// The openings of targets.
  let wire: ByteTable
  /// The names as text, by node.
  let texts: [String]
  let paths: [String]
  /// Hash tables of children by name, one behind the other, each with open addressing and three places in four empty (-1): one look tells
  /// most attributes to be none of the plan's.
  let table: [Int32]
}

/// Gathers paths, then lays them out.
struct PathTreeBuilder {
  private struct Entry {
    var step: AttributePath.Step?
    var children: [Int] = []
    var node = PathNode()
    var path = ""
  }

  private var entries = [Entry(step: nil)]
  private(set) var slotPaths: [AttributePath] = []

  /// The slot of the value at `path`.
  mutating func slot(_ path: AttributePath) -> Int {
    let entry = entry(path, passing: .readBelow)
    if entries[entry].node.slot < 0 {
      entries[entry].node.slot = Int32(slotPaths.count)
      slotPaths.append(path)
    }
    return Int(entries[entry].node.slot)
  }

  mutating func take(_ path: AttributePath) { entries[entry(path, passing: .takenBelow)].node.marks.insert(.taken) }

  mutating func stay(_ path: AttributePath) { entries[entry(path, passing: .staysBelow)].node.marks.insert(.stays) }

  mutating func write(_ path: AttributePath, rule: Int) { entries[entry(path, passing: .writtenBelow)].node.rule = Int32(rule) }

  mutating func reserve(_ name: String) { entries[entry(AttributePath(name), passing: [])].node.marks.insert(.reserved) }

  private mutating func entry(_ path: AttributePath, passing mark: PathNode.Marks) -> Int {
    var place = 0
    for (depth, step) in path.steps.enumerated() {
      entries[place].node.marks.insert(mark)
      if let next = entries[place].children.first(where: { entries[$0].step == step }) {
        place = next
      } else {
        entries.append(Entry(step: step, path: AttributePath(steps: Array(path.steps[...depth])).description))
        entries[place].children.append(entries.count - 1)
        place = entries.count - 1
      }
    }
    return place
  }

  /// The tree, children in the order of their names.
  ///
  /// - Parameter openings: by rule, what of its value is always the same.
  func build(rest: BlockForm.Rest, openings: [[UInt8]]) -> PathTree {
    var order = [0]
    var nodes: [PathNode] = []
    var names: [UInt8] = []
    var wire = ByteTable()
    var texts: [String] = []
    var paths: [String] = []
    var table: [Int32] = []
    var next = 0
    while next < order.count {
      let entry = entries[order[next]]
      var node = entry.node
      let children = entry.children.sorted { left, right in
        let (isWritten, isOtherWritten) = (entries[left].node.isWritten, entries[right].node.isWritten)
        return isWritten == isOtherWritten ? (entries[left].step ?? .index(0)) < (entries[right].step ?? .index(0)) : isWritten
      }
      node.firstChild = Int32(order.count)
      node.childCount = Int32(children.count)
      node.writtenCount = Int32(children.count { entries[$0].node.isWritten })
      append(children, at: order.count, of: &node, to: &table)
      order += children
      if Self.needsWork(node, rest) { node.marks.insert(.needsWork) }
      if node.marks.contains(.taken) && node.marks.isDisjoint(with: [.stays, .readBelow, .reserved]) { node.marks.insert(.gone) }
      var text = ""
      switch entry.step {
      case .name(let name)?:
        text = name.text
        node.nameStart = Int32(names.count)
        names += Array(text.utf8)
        node.nameCount = Int32(names.count) - node.nameStart
        node.word = nameWord(text.utf8.span.bytes, 0, text.utf8.count)
        node.writtenNameCount = Int32(Self.opening(text, []).count - 4)
        node.opening = wire.add(Self.opening(text, node.rule < 0 ? Array("{\"M\":{".utf8) : openings[Int(node.rule)]))
      case .index(let index)?: node.index = Int32(index)
      case nil: break
      }
      nodes.append(node)
      texts.append(text)
      paths.append(entry.path)
      next += 1
    }
    return PathTree(nodes: nodes, names: names, wire: wire, texts: texts, paths: paths, table: table)
  }

  private static func opening(_ name: String, _ value: [UInt8]) -> [UInt8] {
    var opening = ByteBuffer()
    opening.append(UInt8(ascii: ","))
    opening.appendJSON(name)
    opening.append(UInt8(ascii: ":"))
    return [UInt8](copying: opening.span) + value
  }

  /// Appends the hash table of `children`, whose nodes begin at `first`.
  private func append(_ children: [Int], at first: Int, of node: inout PathNode, to table: inout [Int32]) {
    var bits = 2
    while 1 << bits < children.count * 4 { bits += 1 }
    node.tableStart = Int32(table.count)
    node.tableShift = UInt8(64 - bits)
    table += Array(repeating: -1, count: 1 << bits)
    for (place, child) in children.enumerated() {
      guard case .name(let name)? = entries[child].step else { continue }
      let count = name.text.utf8.count
      var slot = nameHash(nameWord(name.text.utf8.span.bytes, 0, count), count) >> UInt64(64 - bits)
      while table[Int(node.tableStart) + Int(slot)] >= 0 { slot = (slot + 1) & (1 << UInt64(bits) - 1) }
      table[Int(node.tableStart) + Int(slot)] = Int32(first + place)
    }
  }

  private static func needsWork(_ node: PathNode, _ rest: BlockForm.Rest) -> Bool {
    switch rest {
    case .keep: !node.marks.isDisjoint(with: [.taken, .takenBelow]) && !node.marks.contains(.stays) || node.isWritten
    case .drop: !node.marks.isDisjoint(with: [.stays, .staysBelow])
    case .error: true
    }
  }
}

/// A hash of a name by its first eight bytes and its length, good in its highest bits.
@inline(__always)
func nameHash(_ word: UInt64, _ count: Int) -> UInt64 {
  (word ^ UInt64(truncatingIfNeeded: count)) &* 0x9E37_79B9_7F4A_7C15
}

/// The first eight of `count` bytes at `start`, low byte first; missing ones are zero.
@inline(__always)
func nameWord(_ bytes: RawSpan, _ start: Int, _ count: Int) -> UInt64 {
  if start &+ 8 <= bytes.byteCount {
    let word = unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self))
    return count >= 8 ? word : word & ((1 &<< UInt64(truncatingIfNeeded: count &* 8)) &- 1)
  }
  var word: UInt64 = 0
  for index in 0..<min(count, 8) {
    word |= UInt64(unsafe bytes.unsafeLoad(fromByteOffset: start + index, as: UInt8.self)) << UInt64(index * 8)
  }
  return word
}
