/// What of an item nothing asked for while it was decoded.
package struct UnreadAttributes {
  /// Root attributes as they came, or what is left of those that were read in part.
  package let attributes: AttributeMap
  /// The path of an unread attribute within a list, which can't be told apart from the list's element; nil if there is none.
  package let pathInList: String?
  /// The path of the first unread attribute, wherever it is; nil if all were read.
  package let path: String?

  init(_ reads: ValueReads) {
    var rest = ValueReads.Rest()
    if case .map(let left) = reads.rest(at: "", &rest) { attributes = left } else { attributes = AttributeMap() }
    pathInList = rest.pathInList
    path = rest.path
  }
}

/// Notes which parts of one value were asked for; belongs to one decoding and its thread.
final class ValueReads {
  private let value: AttributeValue
  private var parts = Parts.whole

  private enum Parts {
    /// The value as one, or by a type that looked at nothing of it.
    case whole
    case named([AttributeMap.Name: ValueReads])
    case indexed([Int: ValueReads])
  }

  /// What is found on the way through the parts.
  struct Rest {
    var path: String?
    var pathInList: String?
    var isInList = false

    mutating func note(_ path: String) {
      if self.path == nil { self.path = path }
      if isInList && pathInList == nil { pathInList = path }
    }
  }

  init(_ value: AttributeValue) { self.value = value }

  func readWhole() { parts = .whole }

  /// The parts were asked for one by one from here on.
  func readByName() { if case .named = parts {} else { parts = .named([:]) } }
  func readByIndex() { if case .indexed = parts {} else { parts = .indexed([:]) } }

  func child(named name: String, _ value: AttributeValue) -> ValueReads {
    let name = AttributeMap.Name(text: name)
    guard case .named(var children) = parts else { return ValueReads(value) }
    if let known = children[name] { return known }
    // Taken out while it changes: a copy for every property would make the cost grow with its square.
    parts = .whole
    let child = ValueReads(value)
    children[name] = child
    parts = .named(children)
    return child
  }

  func child(at index: Int, _ value: AttributeValue) -> ValueReads {
    guard case .indexed(var children) = parts else { return ValueReads(value) }
    if let known = children[index] { return known }
    parts = .whole
    let child = ValueReads(value)
    children[index] = child
    parts = .indexed(children)
    return child
  }

  /// What wasn't read; nil if nothing is left. A map that was emptied goes.
  func rest(at path: String, _ rest: inout Rest) -> AttributeValue? {
    switch (parts, value) {
    case (.named(let children), .map(let map)):
      var left: [AttributeMap.Element] = []
      for (name, value) in map {
        let path = path.isEmpty ? name : "\(path).\(name)"
        if let child = children[AttributeMap.Name(text: name)] {
          if let value = child.rest(at: path, &rest) { left.append((name, value)) }
        } else {
          rest.note(path)
          left.append((name, value))
        }
      }
      return left.isEmpty ? nil : .map(AttributeMap(distinct: left))
    case (.indexed(let children), .list(let values)):
      let wasInList = rest.isInList
      rest.isInList = true
      for index in values.indices {
        if let child = children[index] { _ = child.rest(at: "\(path)[\(index)]", &rest) } else { rest.note("\(path)[\(index)]") }
      }
      rest.isInList = wasInList
      return nil
    default: return nil
    }
  }
}
