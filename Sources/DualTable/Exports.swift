// Whoever links the library calls it with the client's requests, the model's items, a mapping and a phase: one import gives all of them.
@_exported public import AWSAuth
@_exported public import DualTableMapping
@_exported public import DynamoDBClient
@_exported public import DynamoDBModel
@_exported public import MigrationControl
@_exported public import Telemetry
