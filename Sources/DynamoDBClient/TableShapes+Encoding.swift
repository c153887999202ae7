internal import DynamoDBModel
internal import HTTPTransport

extension AttributeDefinition {
  func encode(into out: inout ByteBuffer) {
    var object = ObjectWriter(&out)
    object.string("AttributeName", attributeName, &out)
    object.choice("AttributeType", attributeType, &out)
    object.close(&out)
  }
}

extension KeySchemaElement {
  func encode(into out: inout ByteBuffer) {
    var object = ObjectWriter(&out)
    object.string("AttributeName", attributeName, &out)
    object.choice("KeyType", keyType, &out)
    object.close(&out)
  }
}

extension ProvisionedThroughput {
  func encode(in object: inout ObjectWriter, _ out: inout ByteBuffer) {
    object.name("ProvisionedThroughput", &out)
    var inner = ObjectWriter(&out)
    inner.integer("ReadCapacityUnits", readCapacityUnits, &out)
    inner.integer("WriteCapacityUnits", writeCapacityUnits, &out)
    inner.close(&out)
  }
}

extension OnDemandThroughput {
  func encode(in object: inout ObjectWriter, _ out: inout ByteBuffer) {
    object.name("OnDemandThroughput", &out)
    var inner = ObjectWriter(&out)
    inner.integer("MaxReadRequestUnits", maxReadRequestUnits, &out)
    inner.integer("MaxWriteRequestUnits", maxWriteRequestUnits, &out)
    inner.close(&out)
  }
}

extension WarmThroughput {
  func encode(in object: inout ObjectWriter, _ out: inout ByteBuffer) {
    object.name("WarmThroughput", &out)
    var inner = ObjectWriter(&out)
    inner.integer("ReadUnitsPerSecond", readUnitsPerSecond, &out)
    inner.integer("WriteUnitsPerSecond", writeUnitsPerSecond, &out)
    inner.close(&out)
  }
}

extension SecondaryIndex {
  func encode(into out: inout ByteBuffer) {
    var object = ObjectWriter(&out)
    object.string("IndexName", indexName, &out)
    object.list("KeySchema", keySchema, &out) { $0.encode(into: &$1) }
    object.name("Projection", &out)
    var inner = ObjectWriter(&out)
    inner.choice("ProjectionType", projection.projectionType, &out)
    inner.list("NonKeyAttributes", projection.nonKeyAttributes, &out) { $1.appendJSON($0) }
    inner.close(&out)
    provisionedThroughput?.encode(in: &object, &out)
    onDemandThroughput?.encode(in: &object, &out)
    warmThroughput?.encode(in: &object, &out)
    object.close(&out)
  }
}

extension StreamSpecification {
  func encode(in object: inout ObjectWriter, _ out: inout ByteBuffer) {
    object.name("StreamSpecification", &out)
    var inner = ObjectWriter(&out)
    inner.bool("StreamEnabled", streamEnabled, &out)
    inner.choice("StreamViewType", streamViewType, &out)
    inner.close(&out)
  }
}

extension SSESpecification {
  func encode(in object: inout ObjectWriter, _ out: inout ByteBuffer) {
    object.name("SSESpecification", &out)
    var inner = ObjectWriter(&out)
    inner.bool("Enabled", enabled, &out)
    inner.string("SSEType", enabled ? "KMS" : nil, &out)
    inner.string("KMSMasterKeyId", kmsMasterKeyId, &out)
    inner.close(&out)
  }
}
