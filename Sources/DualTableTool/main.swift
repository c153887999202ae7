import DualTableCommand

await DualTableCommand.main()
