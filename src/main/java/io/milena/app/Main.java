package io.milena.app;

/** Entry point of {@code java -jar milena.jar}. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.out.println("milena");
  }
}
