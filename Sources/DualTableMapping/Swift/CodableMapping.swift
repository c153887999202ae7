public import DynamoDBModel

/// A mapping between two Codable types: what an OLD item looks like, what a NEW one does, and a function between them.
///
///     struct UserMapping: CodableMapping {
///       let identity = "users 2"
///       let oldSchema = KeySchema(hash: .init("id", .string))
///       let newSchema = KeySchema(hash: .init("userId", .string))
///       func convert(_ old: OldUser) throws -> [NewUser] { [NewUser(userId: old.id, email: old.profile.email)] }
///       func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey["userId"].map { ["id": $0] } }
///     }
///
/// An attribute that `Old` doesn't ask for is an error of the item, so that nobody loses one by forgetting it; `rest` changes that.
/// `DynamoDBDecoder` and `DynamoDBEncoder` say how types are stored.
public protocol CodableMapping<Old, New>: TableMapping {
  /// What of an OLD item the conversion reads.
  associatedtype Old: Decodable
  /// A NEW item.
  associatedtype New: Encodable

  /// How types that the kit doesn't know are stored. Default: none are known.
  var conversions: DynamoDBConversions { get }
  /// What becomes of attributes that `Old` doesn't ask for. Default: `error`.
  var rest: CodableRest { get }

  /// The NEW items of an OLD one: usually one, none to skip it.
  ///
  /// - Throws: a `ConversionError` as it is; any other error becomes one, of which only the type is kept.
  func convert(_ old: Old) throws -> [New]
}

/// What becomes of attributes of an OLD item that its type doesn't ask for.
public enum CodableRest: Sendable, Hashable {
  /// They are an error of the item.
  case error
  /// They are left behind.
  case drop
  /// They go into the first of the NEW items, and what is left of a map that was read in part into the map at its place. In lists they are
  /// an error of the item, since the list they came from has become another.
  case keep
}

extension CodableMapping {
  /// No conversions.
  public var conversions: DynamoDBConversions { DynamoDBConversions() }

  /// Attributes that `Old` doesn't ask for are an error of the item.
  public var rest: CodableRest { .error }

  /// Decodes the item, converts it, and encodes what came of it.
  ///
  /// - Throws: what couldn't be decoded, converted or encoded, with its path and never its data.
  public func convert(_ item: Item) throws(ConversionError) -> [Item] {
    let coding = ItemCoding(conversions)
    let (old, unread) = try coding.decode(Old.self, from: item)
    let new: [New]
    do { new = try convert(old) } catch { throw ConversionError(thrown: error) }
    var items: [Item] = []
    for value in new { items.append(try coding.encode(value)) }
    guard !items.isEmpty else { return [] }
    try coding.place(unread, of: item, by: rest, in: &items[0], keys: newSchema)
    return items
  }
}
