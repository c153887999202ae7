package import DynamoDBModel

extension KeySchema {
  /// A key that no item is likely to have, for requests of which only the permission matters.
  package var probe: Item {
    var key = Item()
    for attribute in attributes {
      key[attribute.name] =
        switch attribute.type {
        case .string: .string("dualtable-probe")
        case .number: .number(-1_618_033)
        case .binary: .binary(Array("dualtable-probe".utf8))
        }
    }
    return key
  }
}
