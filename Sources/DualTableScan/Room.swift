// The room's first file; replaced as soon as something lives here.
