package import DynamoDBModel

extension PassCounts {
  /// One object; what is zero is left out.
  package var json: JSONValue {
    .object(PassCounter.allCases.filter { self[$0] != 0 }.map { .init($0.name, .number(String(self[$0]))) })
  }

  /// Reads such an object; nil for anything else.
  package init?(_ json: JSONValue?) {
    guard let members = json?.object else { return nil }
    self.init()
    for member in members {
      guard let counter = PassCounter.allCases.first(where: { $0.name == member.name }), let value = member.value.count else {
        return nil
      }
      self[counter] = value
    }
  }
}
