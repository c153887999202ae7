package import DynamoDBModel
import HTTPTransport

/// Items as an application's own JSON has them, without types: for trying mappings out.
extension AttributeMap {
  private static let conversion = Conversion(was: .value, type: .json, isLossy: true)

  /// Reads an object: text is S, numbers N with every digit, `null` NULL, arrays L, objects M.
  ///
  /// - Throws: `ConversionError` if it is no object, or `DynamoDBModelError` with the rule of the service's that the item breaks.
  package init(plainJSON bytes: Span<UInt8>) throws {
    var value: AttributeValue?
    do { value = try Conversion.value(ofJSON: String(copying: bytes)) } catch { value = nil }
    guard case .map(let item)? = value else {
      throw ConversionError(.invalidItem, message: "an item is a JSON object of values that DynamoDB takes")
    }
    // Read back from its wire form, because that judges it as the service would.
    var wire = ByteBuffer()
    item.encode(into: &wire)
    self = try AttributeMap(wire: wire.span)
  }

  /// The item as an object; sets are lists in order, binaries base64.
  package var plainJSON: String {
    var out = ByteBuffer()
    do {
      try Self.conversion.appendJSON(of: .map(self), to: &out)
    } catch {
      preconditionFailure("a lossy conversion takes every value")
    }
    return String(copying: out.span)
  }
}
