import Nest

@Module(providers: [LedgerBook.self], controllers: [Ledger.self])
enum LedgerModule {}
