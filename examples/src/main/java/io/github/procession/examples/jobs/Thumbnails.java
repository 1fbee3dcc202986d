package io.github.procession.examples.jobs;

import io.github.procession.Attempt;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/// Small pictures of large ones. Image libraries are native code in part, and files come from anywhere: a worker may crash, and
/// costs one picture.
///
/// Look at [#main]: `attempt` gives a success or a failure for each picture, in order, so that a broken file stops nothing.
public final class Thumbnails {
    private static final int SIZE = 160;
    private static final int WIDTH = 1600;
    private static final int HEIGHT = 1000;
    private static final int SHAPES = 60;
    private static final Color BRIGHT = new Color(0xE8C88A);

    private Thumbnails() {}

    /// Runs it: `pictures=500 workers=2`.
    public static void main(String[] arguments) throws Exception {
        System.setProperty("java.awt.headless", "true"); // children have it, too
        var options = Comparison.Options.of(arguments, "pictures", 150);
        var folder = Files.createTempDirectory("thumbnails");
        try {
            var files = paint(folder, options.size());
            var results = Comparison.of(
                    options.workers(),
                    () -> files.stream().map(Thumbnails::tried).toList(),
                    pool -> {
                        try (var attempts = pool.attempt(files, Thumbnails::thumbnail)) {
                            return attempts.map(Thumbnails::said).toList();
                        }
                    });
            results.stream().filter(result -> result.contains("no picture")).forEach(System.out::println);
            System.out.printf("%d files%n", results.size());
        } finally {
            delete(folder);
        }
    }

    private static String said(Attempt<String, String> attempt) {
        return switch (attempt) {
            case Attempt.Success(String _, String hash) -> hash;
            case Attempt.Failure(String file, Throwable failure) ->
                Path.of(file).getFileName() + ": "
                        + (failure.getCause() instanceof IOException e ? e.getMessage() : failure);
        };
    }

    private static String tried(String file) {
        try {
            return thumbnail(file);
        } catch (IOException e) {
            return Path.of(file).getFileName() + ": " + e.getMessage();
        }
    }

    /// Writes the thumbnail beside the picture.
    ///
    /// @return the hash of its bytes
    private static String thumbnail(String file) throws IOException {
        var picture = ImageIO.read(Path.of(file).toFile());
        if (picture == null) {
            throw new IOException("this is no picture");
        }
        while (picture.getWidth() > 2 * SIZE) { // by halves, which keeps what is fine
            picture = scaled(picture, picture.getWidth() / 2, picture.getHeight() / 2);
        }
        var small = scaled(picture, SIZE, picture.getHeight() * SIZE / picture.getWidth());
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(small, "png", bytes);
        Files.write(Path.of(file.replaceFirst("\\.jpg$", "-small.png")), bytes.toByteArray());
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static BufferedImage scaled(BufferedImage picture, int width, int height) {
        var result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var graphics = result.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(picture, 0, 0, width, height, null);
        graphics.dispose();
        return result;
    }

    /// Pictures to work on, one of which is broken.
    private static List<String> paint(Path folder, int count) throws IOException {
        var files = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            var file = folder.resolve("picture-%03d.jpg".formatted(i));
            if (i == count / 2) {
                Files.writeString(file, "not what its name says");
            } else {
                ImageIO.write(painted(new Random(i)), "jpg", file.toFile());
            }
            files.add(file.toString());
        }
        return files;
    }

    private static BufferedImage painted(Random random) {
        var picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        var graphics = picture.createGraphics();
        graphics.setPaint(new GradientPaint(0, 0, Color.BLUE, 0, HEIGHT, BRIGHT));
        graphics.fillRect(0, 0, WIDTH, HEIGHT);
        for (int i = 0; i < SHAPES; i++) {
            graphics.setColor(new Color(random.nextInt(1 << 24)));
            int size = random.nextInt(WIDTH / 4);
            graphics.fillOval(random.nextInt(WIDTH), random.nextInt(HEIGHT), size, size);
        }
        graphics.dispose();
        return picture;
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
