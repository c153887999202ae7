/// One ordered list of small integers whose links lie in an `IndexLinks`, which several lists may share.
struct IndexList: Equatable {
  fileprivate(set) var first: Int?
  fileprivate(set) var last: Int?
  fileprivate(set) var count = 0
}

/// The links of lists of small integers; each integer is in one list at most, every operation takes constant time and none allocates.
struct IndexLinks: Equatable {
  private struct Link: Equatable {
    var isLinked = false
    var previous: Int?
    var next: Int?
  }

  private var links: [Link] = []

  /// Makes room for integers below `count`.
  mutating func grow(to count: Int) {
    while links.count < count { links.append(Link()) }
  }

  /// True where `index` is in one of the lists.
  func contains(_ index: Int) -> Bool { links[index].isLinked }

  mutating func append(_ index: Int, to list: inout IndexList) {
    precondition(!links[index].isLinked)
    links[index] = Link(isLinked: true, previous: list.last, next: nil)
    if let last = list.last { links[last].next = index } else { list.first = index }
    list.last = index
    list.count += 1
  }

  mutating func prepend(_ index: Int, to list: inout IndexList) {
    precondition(!links[index].isLinked)
    links[index] = Link(isLinked: true, previous: nil, next: list.first)
    if let first = list.first { links[first].previous = index } else { list.last = index }
    list.first = index
    list.count += 1
  }

  mutating func remove(_ index: Int, from list: inout IndexList) {
    let link = links[index]
    precondition(link.isLinked)
    if let previous = link.previous { links[previous].next = link.next } else { list.first = link.next }
    if let next = link.next { links[next].previous = link.previous } else { list.last = link.previous }
    links[index] = Link()
    list.count -= 1
  }
}
