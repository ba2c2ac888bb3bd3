import Nest

@Controller
struct Greeter {
    @MessagePattern("hello") func hello(_ name: String) -> String { "Hello, \(name)!" }
}

@Module(controllers: [Greeter.self])
enum AppModule {}

@main enum Service {
    static func main() async throws {
        try await NestFactory.createMicroservice(AppModule.self, transport: .tcp(port: 4000)).listen()
    }
}
