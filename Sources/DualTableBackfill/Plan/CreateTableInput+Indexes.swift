package import DynamoDBClient
package import DynamoDBModel

extension CreateTableInput {
  /// Adds global indexes that hold whole items, with the attributes that their keys name.
  ///
  /// - Parameter throughput: of each, where the table's is set.
  package mutating func add(indexes: [(name: String, keys: KeySchema)], throughput: ProvisionedThroughput? = nil) {
    for (name, keys) in indexes {
      globalSecondaryIndexes =
        (globalSecondaryIndexes ?? []) + [
          SecondaryIndex(
            indexName: name, keySchema: CreateTableInput(tableName: tableName, keys: keys).keySchema,
            projection: Projection(projectionType: .all), provisionedThroughput: throughput)
        ]
      for attribute in keys.attributes where !attributeDefinitions.contains(where: { $0.attributeName == attribute.name }) {
        attributeDefinitions.append(AttributeDefinition(attributeName: attribute.name, attributeType: attribute.type))
      }
    }
  }
}
