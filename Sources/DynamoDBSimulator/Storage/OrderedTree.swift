/// Values in the order of their places, as a B+ tree: find, insert and delete in O(log n), and walks either way from any place.
///
/// A value as all others: a copy costs nothing and stays as it was, for what is written later copies the nodes on its way.
struct OrderedTree<Value: Sendable>: Sendable {
  private var root = Node()
  /// How many values there are.
  private(set) var count = 0

  subscript(place: Place) -> Value? { root.value(at: place) }

  /// Stores a value in place of the one that was there.
  ///
  /// - Returns: the one that was.
  @discardableResult
  mutating func set(_ value: Value, at place: Place) -> Value? {
    let old = root.set(value, at: place)
    if old == nil { count += 1 }
    if let right = root.splitIfLarge() {
      var grown = Node()
      grown.bounds = [root.first, right.first]
      grown.children = [root, right]
      root = grown
    }
    return old
  }

  /// Takes the value at a place away.
  ///
  /// - Returns: it, if there was one.
  @discardableResult
  mutating func remove(_ place: Place) -> Value? {
    guard let old = root.remove(place) else { return nil }
    count -= 1
    if root.children.count == 1 { root = root.children[0] }
    return old
  }

  /// Hands values to `body` in order, from the first at or behind `start` on, until it returns false.
  func walk(from start: Place, _ body: (Place, Value) -> Bool) { _ = root.walk(from: start, body) }

  /// Hands values to `body` in reverse order, from the last at or before `start` on, until it returns false.
  func walkBack(from start: Place, _ body: (Place, Value) -> Bool) { _ = root.walkBack(from: start, body) }
}

extension OrderedTree {
  /// A leaf with entries, or an inner node with children and a lower bound for each one's places.
  private struct Node: Sendable {
    /// Entries or children of a node at most, and at least unless it is the root.
    static var most: Int { 64 }
    static var least: Int { 16 }

    var entries: [(place: Place, value: Value)] = []
    var bounds: [Place] = []
    var children: [Node] = []

    var isLeaf: Bool { children.isEmpty }
    var count: Int { isLeaf ? entries.count : children.count }
    /// The lower bound of all in it.
    var first: Place { isLeaf ? entries.first?.place ?? .first : bounds[0] }

    /// The index of the first entry at or behind `place`.
    private func lowerBound(_ place: Place) -> Int {
      var (low, high) = (0, entries.count)
      while low < high {
        let middle = (low + high) / 2
        if entries[middle].place < place { low = middle + 1 } else { high = middle }
      }
      return low
    }

    /// The index of the child in which `place` lies or would.
    private func child(of place: Place) -> Int {
      var (low, high) = (1, bounds.count)
      while low < high {
        let middle = (low + high) / 2
        if place < bounds[middle] { high = middle } else { low = middle + 1 }
      }
      return low - 1
    }

    func value(at place: Place) -> Value? {
      guard isLeaf else { return children[child(of: place)].value(at: place) }
      let index = lowerBound(place)
      return index < entries.count && entries[index].place == place ? entries[index].value : nil
    }

    mutating func set(_ value: Value, at place: Place) -> Value? {
      guard isLeaf else {
        let index = child(of: place)
        let old = children[index].set(value, at: place)
        if let right = children[index].splitIfLarge() {
          bounds.insert(right.first, at: index + 1)
          children.insert(right, at: index + 1)
        }
        return old
      }
      let index = lowerBound(place)
      guard index < entries.count, entries[index].place == place else {
        entries.insert((place, value), at: index)
        return nil
      }
      let old = entries[index].value
      entries[index].value = value
      return old
    }

    /// Cuts a node that has grown too large in two.
    ///
    /// - Returns: its right half.
    mutating func splitIfLarge() -> Node? {
      guard count > Self.most else { return nil }
      var right = Node()
      let middle = count / 2
      if isLeaf {
        right.entries.reserveCapacity(Self.most + 1)
        right.entries += entries[middle...]
        entries.removeSubrange(middle...)
      } else {
        right.bounds = Array(bounds[middle...])
        right.children = Array(children[middle...])
        bounds.removeSubrange(middle...)
        children.removeSubrange(middle...)
      }
      return right
    }

    mutating func remove(_ place: Place) -> Value? {
      guard isLeaf else {
        let index = child(of: place)
        let old = children[index].remove(place)
        if children[index].count < Self.least { join(index) }
        return old
      }
      let index = lowerBound(place)
      guard index < entries.count, entries[index].place == place else { return nil }
      return entries.remove(at: index).value
    }

    /// Joins a child that has grown too small with its neighbor, and cuts the two in halves if that is too large.
    private mutating func join(_ index: Int) {
      guard children.count > 1 else { return }
      let left = index > 0 ? index - 1 : 0
      let right = children.remove(at: left + 1)
      let bound = bounds.remove(at: left + 1)
      children[left].entries += right.entries
      if !right.isLeaf {
        children[left].bounds += [bound] + right.bounds.dropFirst()
        children[left].children += right.children
      }
      if let half = children[left].splitIfLarge() {
        bounds.insert(half.first, at: left + 1)
        children.insert(half, at: left + 1)
      }
    }

    func walk(from start: Place, _ body: (Place, Value) -> Bool) -> Bool {
      guard !isLeaf else {
        for index in lowerBound(start)..<entries.count {
          if !body(entries[index].place, entries[index].value) { return false }
        }
        return true
      }
      for index in child(of: start)..<children.count {
        if !children[index].walk(from: start, body) { return false }
      }
      return true
    }

    func walkBack(from start: Place, _ body: (Place, Value) -> Bool) -> Bool {
      guard !isLeaf else {
        var index = lowerBound(start)
        if index < entries.count, entries[index].place == start { index += 1 }
        while index > 0 {
          index -= 1
          if !body(entries[index].place, entries[index].value) { return false }
        }
        return true
      }
      for index in stride(from: child(of: start), through: 0, by: -1) {
        if !children[index].walkBack(from: start, body) { return false }
      }
      return true
    }
  }
}
