import Nest

@Module(controllers: [OrdersFront.self])
enum APIModule {}
