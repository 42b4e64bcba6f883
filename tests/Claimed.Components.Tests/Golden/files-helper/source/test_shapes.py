import shapes

shapes.draw('x')
