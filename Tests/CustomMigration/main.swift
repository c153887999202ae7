import DualTableCommand

await DualTableCommand.main(mapping: UserMapping())
